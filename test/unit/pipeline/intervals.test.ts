import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoredInterval, StoredReading } from '../../../src/pipeline/history.js';
import { intervalsOf } from '../../../src/pipeline/intervals.js';

const QUARTER_MS = 900_000;

const quarterOf = (at: number) => {
  const from = Math.floor(at / QUARTER_MS) * QUARTER_MS;
  return { from, to: from + QUARTER_MS };
};

async function* stored(...readings: readonly StoredReading[]) {
  yield* readings;
}

/** What becomes of readings in quarters of an hour. */
async function inQuarters(readings: readonly StoredReading[], range?: { from: number; to: number }): Promise<StoredInterval[]> {
  const found: StoredInterval[] = [];
  for await (const interval of intervalsOf(stored(...readings), quarterOf, range)) found.push(interval);
  return found;
}

test('numbers of an interval are summed up: how many, the first, the last, the least, the most and their mean', async () => {
  assert.deepEqual(
    await inQuarters([
      { device: 'meter', at: 0, values: { 'power/current-usage': 300, 'meter/status': 'ok' } },
      { device: 'meter', at: 10_000, values: { 'power/current-usage': 100, 'energy/imported-total': 5 } },
      { device: 'meter', at: 899_999, values: { 'power/current-usage': 200 } },
      { device: 'meter', at: 900_000, values: { 'power/current-usage': 7 } },
    ]),
    [
      {
        device: 'meter',
        from: 0,
        to: 900_000,
        values: {
          'power/current-usage': { count: 3, first: 300, last: 200, min: 100, max: 300, mean: 200 },
          'energy/imported-total': { count: 1, first: 5, last: 5, min: 5, max: 5, mean: 5 },
        },
      },
      {
        device: 'meter',
        from: 900_000,
        to: 1_800_000,
        values: { 'power/current-usage': { count: 1, first: 7, last: 7, min: 7, max: 7, mean: 7 } },
      },
    ],
  );
});

test('each device has its own intervals, however readings of several are mixed', async () => {
  const found = await inQuarters([
    { device: 'one', at: 0, values: { n: 1 } },
    { device: 'other', at: 1_000_000, values: { n: 2 } },
    { device: 'one', at: 5_000, values: { n: 3 } },
  ]);
  assert.deepEqual(
    found.map(({ device, from, values }) => [device, from, values.n?.count]),
    [
      ['one', 0, 2],
      ['other', 900_000, 1],
    ],
  );
});

test('an interval without numbers is none, nor is one that begins outside of the range', async () => {
  const found = await inQuarters(
    [
      { device: 'meter', at: 899_999, values: { n: 1 } },
      { device: 'meter', at: 900_000, values: { status: 'ok' } },
      { device: 'meter', at: 1_800_000, values: { n: 2 } },
    ],
    { from: 60_000, to: Infinity },
  );
  assert.deepEqual(
    found.map(({ from }) => from),
    [1_800_000],
  );
});
