import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quietForMs } from '../../../../src/clients/kamstrup/quiet-hours.js';
import { home, type Home } from './home.js';

const HOUR = 3_600_000;
const MINUTE = 60_000;
/** 22:00-06:00 in Vienna. */
const NIGHT = { fromMinute: 22 * 60, toMinute: 6 * 60, timeZone: 'Europe/Vienna' };
/** How long after this moment the quiet hours last, in minutes. */
const quietFor = (time: string, hours = NIGHT): number => quietForMs(hours, Date.parse(time)) / MINUTE;

test('quiet hours begin and end by the clocks of their time zone, in winter and in summer', () => {
  const minutes = [
    ['2026-01-15T20:59:59Z', 0],
    ['2026-01-15T21:00:00Z', 480],
    ['2026-01-16T04:59:30Z', 0.5],
    ['2026-01-16T05:00:00Z', 0],
    ['2026-07-15T19:59:59Z', 0],
    ['2026-07-15T20:00:00Z', 480],
    ['2026-07-16T04:00:00Z', 0],
  ] as const;
  for (const [time, expected] of minutes) assert.equal(quietFor(time), expected, time);
});

test('quiet hours may lie within a day', () => {
  const noon = { fromMinute: 12 * 60, toMinute: 13 * 60 + 30, timeZone: 'UTC' };
  assert.deepEqual(
    ['11:59', '12:00', '13:29', '13:30'].map((time) => quietFor(`2026-01-15T${time}:00Z`, noon)),
    [0, 90, 1, 0],
  );
});

/** A home whose meter is first asked at 13:00 in Vienna, as a home's clock begins at 12:00 UTC. */
const quietHome = (test: { after(end: () => Promise<void>): void }): Promise<Home> => home(test, undefined, NIGHT);
const polls = (made: Home): number[] =>
  made.asked.filter(({ what }) => what.startsWith('60 ')).map(({ at }) => Math.floor(at / MINUTE) / 60);

test('a meter is left alone in quiet hours, asked at their end, and never called silent', async (t) => {
  const made = await quietHome(t);
  await made.clock.advance(18.5 * HOUR);
  // From 13:00 to 21:00 and from 06:00 to 08:00.
  assert.deepEqual(polls(made), [0, 1, 2, 3, 4, 5, 6, 7, 8, 17, 18]);
  assert.ok(made.periodMs * 3 >= 9 * HOUR, `${made.periodMs}`);
});

test('a meter can be asked in quiet hours by whoever wants to know', async (t) => {
  const made = await quietHome(t);
  await made.clock.advance(12 * HOUR);
  made.asked.length = 0;
  made.ask(0);
  await made.clock.advance(5.5 * HOUR);
  assert.deepEqual(polls(made), [12, 17]);
});

test('a program that starts in quiet hours says why it does not ask', async (t) => {
  const made = await home(t, ({ clock }) => (clock.epoch = Date.parse('2026-01-15T22:30:00Z')), NIGHT);
  await made.clock.advance(6.4 * HOUR);
  assert.deepEqual(made.asked, []);
  assert.deepEqual(made.log.of('info'), ['quiet hours: the meter is not asked for another 390 minutes']);
  await made.clock.advance(0.2 * HOUR);
  assert.deepEqual(polls(made), [6.5]);
});

test('quiet hours end by the clock in the nights in which the clocks change', async (t) => {
  for (const [evening, hours] of [
    ['2026-03-28T22:30:00Z', 5.5],
    ['2026-10-24T21:30:00Z', 7.5],
  ] as const) {
    const made = await home(t, ({ clock }) => (clock.epoch = Date.parse(evening)), NIGHT);
    await made.clock.advance(8 * HOUR);
    assert.equal(polls(made)[0], hours, evening);
  }
});

test('a clock that is set in the quiet hours is noticed', async (t) => {
  const made = await home(t, ({ clock }) => (clock.epoch = Date.parse('1970-01-01T00:00:00Z')), NIGHT);
  await made.clock.advance(MINUTE);
  assert.deepEqual(made.asked, []);
  made.clock.epoch = Date.parse('2026-01-15T12:00:00Z');
  await made.clock.advance(15 * MINUTE);
  assert.deepEqual(polls(made), [0.25]);
});
