import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { scopeOf, systemClock, unlessAborted, within } from '../../../src/pipeline/clock.js';
import { FakeClock } from '../../support/fake-clock.js';

const never = new AbortController().signal;

test('a sleep ends when its signal aborts, and leaves no listener either way', async () => {
  const stop = new AbortController();
  await systemClock.sleep(1, stop.signal);
  const sleeping = systemClock.sleep(60_000, stop.signal);
  stop.abort(new Error('stop'));
  await assert.rejects(sleeping, /stop/);
  assert.equal(getEventListeners(stop.signal, 'abort').length, 0);
});

test('a scope ends with its parent, or alone, and lets go of it', () => {
  const parent = new AbortController();
  const [first, second] = [scopeOf(parent.signal), scopeOf(parent.signal)];
  first.abort();
  assert.equal(parent.signal.aborted, false);
  first[Symbol.dispose]();
  assert.equal(getEventListeners(parent.signal, 'abort').length, 1);
  parent.abort(new Error('all'));
  assert.equal((second.signal.reason as Error).message, 'all');
});

test('work within its time gives its result, work beyond it undefined', async () => {
  const clock = new FakeClock();
  assert.equal(await within(clock, 100, never, () => Promise.resolve('done')), 'done');
  const late = within(clock, 100, never, (signal) => clock.sleep(1_000, signal).then(() => 'late'));
  await clock.advance(100);
  assert.equal(await late, undefined);
  assert.equal(clock.sleeping, 0);
});

test('work that fails by itself, or is stopped from outside, throws', async () => {
  const clock = new FakeClock();
  await assert.rejects(
    within(clock, 100, never, () => Promise.reject(new Error('broken'))),
    /broken/,
  );
  const stop = new AbortController();
  const work = within(clock, 100, stop.signal, (signal) => clock.sleep(1_000, signal));
  stop.abort(new Error('stop'));
  await assert.rejects(work, /stop/);
  assert.equal(clock.sleeping, 0);
});

test('what aborted work throws is swallowed, what other work throws is not', async () => {
  const stop = new AbortController();
  await assert.rejects(unlessAborted(stop.signal, Promise.reject(new Error('bug'))), /bug/);
  stop.abort();
  await unlessAborted(stop.signal, Promise.reject(new Error('aborted')));
});
