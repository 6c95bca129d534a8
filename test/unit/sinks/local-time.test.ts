import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localTimeOf } from '../../../src/sinks/local-time.js';

const HOUR_MS = 3_600_000;

/** How many hours the day has that an instant is in. */
function hoursOf(zone: string, at: number): number {
  const { from, to } = localTimeOf(zone).day(at);
  assert.ok(from <= at && at < to);
  return (to - from) / HOUR_MS;
}

test('times are shown with their offset, and with milliseconds where there are some', () => {
  const vienna = localTimeOf('Europe/Vienna');
  assert.equal(vienna.stamp(Date.UTC(2026, 0, 15, 12)), '2026-01-15T13:00:00+01:00');
  assert.equal(vienna.stamp(Date.UTC(2026, 6, 15, 12, 0, 0, 5)), '2026-07-15T14:00:00.005+02:00');
  assert.equal(localTimeOf('America/St_Johns').stamp(Date.UTC(2026, 0, 15, 12)), '2026-01-15T08:30:00-03:30');
  assert.equal(localTimeOf('UTC').stamp(0), '1970-01-01T00:00:00+00:00');
});

test('a day has 23 or 25 hours where clocks change', () => {
  assert.equal(hoursOf('Europe/Vienna', Date.UTC(2026, 0, 15)), 24);
  assert.equal(hoursOf('Europe/Vienna', Date.UTC(2026, 2, 29, 12)), 23);
  assert.equal(hoursOf('Europe/Vienna', Date.UTC(2026, 9, 25, 12)), 25);
});

test('a day without a midnight begins when clocks are set on, one with two with the first', () => {
  // Beirut goes on from 0:00 to 1:00 on the last Sunday of March; Havana back from 1:00 to 0:00 on the first of November.
  assert.equal(hoursOf('Asia/Beirut', Date.UTC(2024, 2, 31, 12)), 23);
  assert.equal(
    localTimeOf('Asia/Beirut').stamp(localTimeOf('Asia/Beirut').day(Date.UTC(2024, 2, 31, 12)).from),
    '2024-03-31T01:00:00+03:00',
  );
  assert.equal(hoursOf('America/Havana', Date.UTC(2024, 10, 3, 12)), 25);
});

test('a month goes from the first to the first', () => {
  const vienna = localTimeOf('Europe/Vienna');
  assert.deepEqual(vienna.month(Date.UTC(2025, 11, 31, 22)), {
    from: Date.UTC(2025, 10, 30, 23),
    to: Date.UTC(2025, 11, 31, 23),
  });
  assert.equal(vienna.date(Date.UTC(2025, 11, 31, 23)), '2026-01-01');
});
