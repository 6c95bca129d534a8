import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReplayClock } from '../../../src/pipeline/replay-clock.js';

const never = new AbortController().signal;
const START = Date.UTC(2026, 0, 15, 12);

test('without waiting, sleepers wake in the order of their times, and each sees its own', async () => {
  const clock = new ReplayClock(START, Infinity);
  const woken: string[] = [];
  const sleep = async (name: string, ms: number): Promise<void> => {
    await clock.sleep(ms, never);
    woken.push(`${name} ${clock.now() - START}`);
  };
  await Promise.all([sleep('day', 86_400_000), sleep('hour', 3_600_000).then(() => sleep('another', 1_000)), sleep('now', 0)]);
  assert.deepEqual(woken, ['now 0', 'hour 3600000', 'another 3601000', 'day 86400000']);
});

test('a sleeper that gives up is not woken, and time does not go on for it', async () => {
  const clock = new ReplayClock(START, Infinity);
  const giveUp = new AbortController();
  const sleeping = clock.sleep(3_600_000, giveUp.signal);
  giveUp.abort(new Error('given up'));
  await assert.rejects(sleeping, /given up/);
  await clock.sleep(10, never);
  assert.equal(clock.monotonic(), 10);
  await assert.rejects(clock.sleep(1, giveUp.signal), /given up/);
});

test('a clock that is held stands still until it is released', async () => {
  const clock = new ReplayClock(START, Infinity);
  clock.hold();
  let woken = false;
  const sleeping = clock.sleep(10, never).then(() => {
    woken = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual([woken, clock.monotonic()], [false, 0]);
  clock.release();
  await sleeping;
  assert.equal(clock.monotonic(), 10);
});

test('a thousand times as fast, a second takes at least a millisecond', async () => {
  const clock = new ReplayClock(START, 1_000);
  const since = performance.now();
  await clock.sleep(20_000, never);
  assert.ok(performance.now() - since >= 19);
  assert.equal(clock.monotonic(), 20_000);
});
