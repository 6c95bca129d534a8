import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../../src/commands/command.js';
import { parseRange } from '../../../src/commands/range.js';

/** A range in Vienna, as ISO 8601 writes it. */
function inVienna(from?: string, to?: string): readonly [string | number, string | number] {
  const range = parseRange({ from, to }, 'Europe/Vienna');
  const print = (instant: number): string | number => (Number.isFinite(instant) ? new Date(instant).toISOString() : instant);
  return [print(range.from), print(range.to)];
}

test('what is not written is not bounded', () => {
  assert.deepEqual(inVienna(), [-Infinity, Infinity]);
});

test('a year, a month and a day are those of the zone, and the last is part of the range', () => {
  assert.deepEqual(inVienna('2026', '2026'), ['2025-12-31T23:00:00.000Z', '2026-12-31T23:00:00.000Z']);
  assert.deepEqual(inVienna('2026-06', '2026-12'), ['2026-05-31T22:00:00.000Z', '2026-12-31T23:00:00.000Z']);
  assert.deepEqual(inVienna('2026-01-15', '2026-01-15'), ['2026-01-14T23:00:00.000Z', '2026-01-15T23:00:00.000Z']);
});

test('a day on which clocks change has 23 or 25 hours', () => {
  assert.deepEqual(inVienna('2026-03-29', '2026-03-29'), ['2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z']);
  assert.deepEqual(inVienna('2026-10-25', '2026-10-25'), ['2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z']);
});

test('an instant is that of the zone unless it says its offset, and the last is not part of the range', () => {
  assert.deepEqual(inVienna('2026-01-15T12:30', '2026-01-15 12:30:05.5'), [
    '2026-01-15T11:30:00.000Z',
    '2026-01-15T11:30:05.500Z',
  ]);
  assert.deepEqual(inVienna('2026-01-15T12:30Z', '2026-01-15T12:30:00-05:00'), [
    '2026-01-15T12:30:00.000Z',
    '2026-01-15T17:30:00.000Z',
  ]);
});

test('of an hour that comes twice the first is meant, one that is left out counts as standard time', () => {
  assert.deepEqual(inVienna('2026-10-25T02:30')[0], '2026-10-25T00:30:00.000Z');
  assert.deepEqual(inVienna('2026-03-29T02:30')[0], '2026-03-29T01:30:00.000Z');
});

test('what is no time, and a range that holds nothing, is said', () => {
  for (const written of ['yesterday', '2026-13', '2026-02-30', '2026-01-15T24:00', '15.01.2026', ''])
    assert.throws(() => inVienna(written), UsageError, written);
  assert.throws(() => inVienna('2026-02', '2026-01'), { message: 'nothing is between --from 2026-02 and --to 2026-01' });
});
