import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { wait } from '../../../src/transports/wait.js';

test('a wait ends when its event has come, and leaves no listener', async () => {
  const { signal } = new AbortController();
  await wait(signal, (wake) => {
    wake();
    wake();
  });
  assert.deepEqual(getEventListeners(signal, 'abort'), []);
});

test('a wait ends when its signal aborts, and leaves no listener', async () => {
  const controller = new AbortController();
  const waiting = wait(controller.signal, () => undefined);
  controller.abort();
  await waiting;
  assert.deepEqual(getEventListeners(controller.signal, 'abort'), []);
});

test('a wait whose signal has aborted already does not begin', async () => {
  await wait(AbortSignal.abort(), () => {
    assert.fail('began');
  });
});
