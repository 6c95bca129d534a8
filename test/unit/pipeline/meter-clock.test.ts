import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MeterClock } from '../../../src/pipeline/meter-clock.js';
import { FakeClock } from '../../support/fake-clock.js';
import { RecordingLogger } from '../../support/logger.js';

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** What is really the time when a test begins. */
const START = Date.UTC(2026, 2, 1, 12);

/** A meter that says its time every ten seconds. `host` is what the host's clock says when it is really START. */
function watch(host = START) {
  const clock = new FakeClock(host);
  const log = new RecordingLogger();
  const explained: number[] = [];
  const explain = (hours: number): string => {
    explained.push(hours);
    return 'another time zone would fit';
  };
  const meterClock = new MeterClock({ clock, log, explain });
  const now = (): number => START + clock.monotonic();
  /** What becomes of a time that the meter says, and ten seconds pass. */
  const say = async (measuredAt: number | undefined): Promise<number | undefined> => {
    const trusted = meterClock.trust(measuredAt, clock.now());
    await clock.advance(10 * SECOND);
    return trusted;
  };
  /** How many of so many times are trusted, each that far off the real one. */
  const sayOften = async (times: number, offMs: number): Promise<number> => {
    let trusted = 0;
    for (let n = 0; n < times; n++) if ((await say(now() + offMs)) !== undefined) trusted += 1;
    return trusted;
  };
  return { clock, log, meterClock, explained, now, say, sayOften };
}

test('a measured time near the host clock goes out as the meter said it', async () => {
  const { say, log, meterClock } = watch();
  assert.equal(meterClock.offsetSeconds, undefined);
  assert.equal(await say(START - 2_400), START - 2_400);
  assert.equal(await say(undefined), undefined);
  assert.deepEqual(log.lines, []);
});

test('a clock that was never set tells no time', async () => {
  const { say, meterClock } = watch(0);
  assert.equal(await say(0), undefined);
  assert.equal(await say(Date.UTC(2000, 0, 1, 3)), undefined);
  assert.equal(meterClock.offsetSeconds, undefined);
});

test('a single time far ahead or behind is left out, and nothing is said of it', async () => {
  const { say, now, sayOften, log } = watch();
  await sayOften(10, 0);
  assert.equal(await say(now() + DAY), undefined);
  assert.equal(await say(now() - 16 * MINUTE), undefined);
  assert.equal(await sayOften(10, 0), 10);
  assert.deepEqual(log.lines, []);
});

test('the offset is the median of the last times: one wild time does not move it', async () => {
  const { say, now, sayOften, meterClock } = watch();
  await sayOften(3, -2 * SECOND);
  assert.equal(meterClock.offsetSeconds, -2);
  await say(now() + DAY);
  assert.equal(meterClock.offsetSeconds, -2);
});

test('a difference of whole hours is said once, with what would explain it, and such times are left out', async () => {
  const { sayOften, log, explained, meterClock } = watch();
  assert.equal(await sayOften(1_000, -2 * HOUR - 3 * SECOND), 0);
  assert.deepEqual(log.of('warn'), [
    "the meter's clock is 2 h behind this computer's: measured times are left out; another time zone would fit",
  ]);
  assert.deepEqual(explained, [-2]);
  assert.equal(meterClock.offsetSeconds, -7_203);
});

test('another difference is said once, as what it is', async () => {
  const { sayOften, log } = watch();
  assert.equal(await sayOften(100, 3 * DAY + 2 * HOUR + 40 * MINUTE), 0);
  assert.deepEqual(log.of('warn'), ["the meter's clock is 3 d 2 h 40 min ahead of this computer's: measured times are left out"]);
});

test('a clock that is corrected is trusted at once, and the log says so', async () => {
  const { sayOften, log } = watch();
  await sayOften(20, HOUR);
  assert.equal(await sayOften(20, 0), 20);
  assert.deepEqual(log.of('info'), ["the meter's clock is right again"]);
});

test('a clock that stands still is said once, and its times are left out from then on', async () => {
  const { say, log } = watch();
  const trusted: boolean[] = [];
  for (let n = 0; n < 200; n++) trusted.push((await say(START)) !== undefined);
  // Ten readings within 90 s may come from a meter that stamps by the minute.
  assert.equal(trusted.lastIndexOf(true), 9);
  assert.deepEqual(log.of('warn')[0], "the meter's clock stands still: measured times are left out");
  assert.equal(log.lines.length, 1);
});

test('a meter that stamps by the minute does not stand still', async () => {
  const { say, now, log } = watch();
  for (let n = 0; n < 100; n++) assert.notEqual(await say(now() - (now() % MINUTE)), undefined);
  assert.deepEqual(log.lines, []);
});

test('while the host is in 1970 the meter is believed, and no offset is known', async () => {
  const { sayOften, log, meterClock } = watch(30 * SECOND);
  assert.equal(await sayOften(20, 0), 20);
  assert.equal(meterClock.offsetSeconds, undefined);
  assert.deepEqual(log.lines, []);
});

test('while the host is in 1970 a meter clock that jumps is held against its own course', async () => {
  const { say, now, sayOften } = watch(30 * SECOND);
  await sayOften(5, 0);
  assert.equal(await say(now() + DAY), undefined);
  assert.equal(await sayOften(5, 0), 5);
});

test('a host clock that is set changes the offset at once, not what is trusted of a meter that was right', async () => {
  const { clock, sayOften, meterClock, log } = watch(30 * SECOND);
  await sayOften(20, -SECOND);
  clock.epoch = START;
  assert.equal(meterClock.offsetSeconds, -1);
  assert.equal(await sayOften(20, -SECOND), 20);
  assert.deepEqual(log.lines, []);
});

test('while a host clock is plausible but wrong, no time is right for certain: all are left out', async () => {
  const { clock, sayOften, log } = watch();
  await sayOften(20, 0);
  clock.epoch += DAY;
  assert.equal(await sayOften(20, 0), 0);
  clock.epoch -= DAY;
  assert.equal(await sayOften(20, 0), 20);
  assert.deepEqual(
    log.lines.map(({ message }) => message),
    ["the meter's clock is 1 d behind this computer's: measured times are left out", "the meter's clock is right again"],
  );
});

test('a clock that is right and wrong by turns is said at most once an hour', async () => {
  const { sayOften, log } = watch();
  for (let n = 0; n < 100; n++) await sayOften(10, n % 2 === 0 ? 0 : HOUR);
  assert.ok(log.lines.length <= 6, String(log.lines.length));
});
