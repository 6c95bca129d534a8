import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { LinkError } from '../../../src/model/errors.js';
import { UnreadBuffer } from '../../../src/transports/unread-buffer.js';
import { settle } from '../../support/fake-clock.js';

const forever = new AbortController().signal;

test('a read gives all that has arrived, in order, and the next one waits for more', async () => {
  const unread = new UnreadBuffer();
  unread.push(Uint8Array.of(1, 2));
  unread.push(Uint8Array.of(3));
  assert.deepEqual([...(await unread.read(forever))], [1, 2, 3]);

  const next = unread.read(forever);
  await settle();
  unread.push(Uint8Array.of(4));
  assert.deepEqual([...(await next)], [4]);
});

test('an aborted read loses no byte and leaves no listener', async () => {
  const unread = new UnreadBuffer();
  const controller = new AbortController();
  const reading = unread.read(controller.signal);
  const stopped = new Error('stopped');
  controller.abort(stopped);
  unread.push(Uint8Array.of(5));
  await assert.rejects(reading, stopped);
  assert.deepEqual([...(await unread.read(forever))], [5]);
  assert.deepEqual(getEventListeners(controller.signal, 'abort'), []);
});

test('a thousand reads leave no listener on a signal that lives on', async () => {
  const unread = new UnreadBuffer();
  const { signal } = new AbortController();
  for (let turn = 0; turn < 1_000; turn++) {
    const reading = unread.read(signal);
    unread.push(Uint8Array.of(1));
    await reading;
  }
  assert.deepEqual(getEventListeners(signal, 'abort'), []);
});

test('what was not read within 64 KiB is dropped, oldest byte first', async () => {
  const unread = new UnreadBuffer();
  unread.push(Uint8Array.of(1, 2, 3));
  unread.push(Uint8Array.of(4));
  unread.push(new Uint8Array(65_534).fill(9));
  const bytes = await unread.read(forever);
  assert.equal(bytes.length, 65_536);
  assert.deepEqual([...bytes.subarray(0, 3)], [3, 4, 9]);
});

test('one chunk beyond the bound leaves its newest bytes', async () => {
  const unread = new UnreadBuffer();
  const chunk = new Uint8Array(65_537);
  chunk[0] = 1;
  chunk[1] = 2;
  unread.push(chunk);
  const bytes = await unread.read(forever);
  assert.equal(bytes.length, 65_536);
  assert.equal(bytes[0], 2);
});

test('a loss is thrown after what had arrived before was read, with its first reason', async () => {
  const unread = new UnreadBuffer();
  const unplugged = new LinkError('unplugged');
  unread.push(Uint8Array.of(7));
  unread.end(unplugged);
  unread.end(new LinkError('closed'));
  assert.deepEqual([...(await unread.read(forever))], [7]);
  await assert.rejects(unread.read(forever), unplugged);
});

test('a loss ends the read that waits', async () => {
  const unread = new UnreadBuffer();
  const reading = unread.read(forever);
  const unplugged = new LinkError('unplugged');
  unread.end(unplugged);
  await assert.rejects(reading, unplugged);
});

test('discarded bytes are never read', async () => {
  const unread = new UnreadBuffer();
  unread.push(Uint8Array.of(1));
  unread.discard();
  unread.push(Uint8Array.of(2));
  assert.deepEqual([...(await unread.read(forever))], [2]);
});
