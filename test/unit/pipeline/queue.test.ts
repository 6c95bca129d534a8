import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Queue } from '../../../src/pipeline/queue.js';
import { settle } from '../../support/fake-clock.js';

const never = new AbortController().signal;

test('items come out in the order they were put', async () => {
  const queue = new Queue<number>(3);
  for (const n of [1, 2, 3]) await queue.put(n, never);
  assert.deepEqual([await queue.take(never), await queue.take(never), await queue.take(never)], [1, 2, 3]);
});

test('a put into a full queue waits for room', async () => {
  const queue = new Queue<number>(1);
  await queue.put(1, never);
  let done = false;
  const second = queue.put(2, never).then(() => (done = true));
  await settle();
  assert.equal(done, false);
  assert.equal(await queue.take(never), 1);
  await second;
  assert.equal(await queue.take(never), 2);
});

test('a take from an empty queue waits for an item', async () => {
  const queue = new Queue<string>(1);
  const taken = queue.take(never);
  await queue.put('a', never);
  assert.equal(await taken, 'a');
});

test('a closed queue gives what it holds, then undefined', async () => {
  const queue = new Queue<number>(2);
  await queue.put(1, never);
  queue.close();
  assert.equal(await queue.take(never), 1);
  assert.equal(await queue.take(never), undefined);
  await assert.rejects(queue.put(2, never), /closed/);
});

test('closing wakes who waits', async () => {
  const empty = new Queue<number>(1);
  const taken = empty.take(never);
  empty.close();
  assert.equal(await taken, undefined);
});

test('waiting ends with the signal, and the queue goes on', async () => {
  const queue = new Queue<number>(1);
  const abort = new AbortController();
  const taken = queue.take(abort.signal);
  abort.abort(new Error('enough'));
  await assert.rejects(taken, /enough/);
  await queue.put(1, never);
  assert.equal(await queue.take(never), 1);
});

test('many producers and one consumer lose and double nothing', async () => {
  const queue = new Queue<number>(2);
  const producers = [0, 1, 2, 3].map(async (producer) => {
    for (let n = 0; n < 50; n++) await queue.put(producer * 100 + n, never);
  });
  const seen: number[] = [];
  for (let n = 0; n < 200; n++) seen.push((await queue.take(never)) ?? -1);
  await Promise.all(producers);
  assert.equal(new Set(seen).size, 200);
  for (const producer of [0, 1, 2, 3]) {
    const own = seen.filter((n) => Math.floor(n / 100) === producer);
    assert.deepEqual(
      own,
      [...own].sort((a, b) => a - b),
    );
  }
});
