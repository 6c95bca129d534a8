import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backoff, delays, RECONNECT } from '../../../src/pipeline/retry.js';

test('delays double from one second to a minute and stay there', () => {
  const waits = delays(RECONNECT, () => 1);
  assert.deepEqual(
    Array.from({ length: 8 }, () => waits.next().value),
    [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000],
  );
});

test('jitter takes off at most half', () => {
  const waits = delays(RECONNECT, () => 0);
  assert.deepEqual([waits.next().value, waits.next().value], [500, 1_000]);
});

test('a connection that lasted starts the delays afresh, one that flapped does not', () => {
  const backoff = new Backoff(RECONNECT, () => 1);
  assert.equal(backoff.next(0), 1_000);
  assert.equal(backoff.next(5_000), 2_000);
  assert.equal(backoff.next(60_000), 4_000);
  assert.equal(backoff.next(60_001), 1_000);
});
