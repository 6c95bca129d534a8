import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FaultKind } from '../../../src/model/reading.js';
import { MeterLog, type Condition } from '../../../src/pipeline/meter-log.js';
import { FakeClock } from '../../support/fake-clock.js';
import { RecordingLogger } from '../../support/logger.js';

const MINUTE = 60_000;
const HOUR = 3_600_000;

const OK: Condition = { state: 'ok', cause: 'ok', detail: 'ok' };
const failing = (cause: FaultKind): Condition => ({ state: 'failing', cause, detail: `${cause} …` });

function setUp() {
  const clock = new FakeClock();
  const log = new RecordingLogger();
  return { clock, log, meterLog: new MeterLog(clock, log) };
}

/** What is said after an hour in which these were heard, so often each. */
async function summaryOf(heard: Readonly<Partial<Record<FaultKind | 'reading', number>>>) {
  const { clock, log, meterLog } = setUp();
  const all = Object.entries(heard).flatMap(([what, count]) => Array<FaultKind | 'reading'>(count).fill(what as FaultKind));
  for (const what of all.slice(1)) meterLog.heard(what);
  await clock.advance(HOUR);
  for (const what of all.slice(0, 1)) meterLog.heard(what);
  return log.lines.map(({ level, message }) => `${level}: ${message}`);
}

test('many faults are one line an hour, with their share and what is worth looking at', async () => {
  assert.deepEqual(await summaryOf({ reading: 880, checksum: 120 }), [
    'warn: CRC errors: 12 % of the last 1,000 telegrams: power supply or cable?',
  ]);
});

test('the share is that of the last 1,000 telegrams, or of as many as there were', async () => {
  assert.deepEqual(await summaryOf({ reading: 50, checksum: 5_000 }), [
    'warn: CRC errors: 100 % of the last 1,000 telegrams: power supply or cable?',
  ]);
  assert.deepEqual(await summaryOf({ reading: 76, checksum: 4 }), [
    'warn: CRC errors: 5 % of the last 80 telegrams: power supply or cable?',
  ]);
});

test('the most frequent kind comes first, and its hint is the one that is given', async () => {
  assert.deepEqual(await summaryOf({ reading: 160, checksum: 10, timeout: 30 }), [
    'warn: no answer: 15 %, CRC errors: 5 % of the last 200 telegrams: has the head moved?',
  ]);
});

test('a few faults are worth no warning', async () => {
  assert.deepEqual(await summaryOf({ reading: 398, truncated: 2 }), [
    'info: incomplete: less than 1 % of the last 400 telegrams: power supply or cable?',
  ]);
});

test('nothing is summed up where all is well, or too little was heard for a share', async () => {
  assert.deepEqual(await summaryOf({ reading: 1_000 }), []);
  assert.deepEqual(await summaryOf({ reading: 9, checksum: 10 }), []);
});

test('another cause of the same state is said once an hour', async () => {
  const { clock, log, meterLog } = setUp();
  meterLog.changed(OK, failing('checksum'));
  for (let count = 0; count < 100; count++) {
    meterLog.changed(failing('checksum'), failing('truncated'));
    meterLog.changed(failing('truncated'), failing('checksum'));
  }
  assert.deepEqual(log.of('warn'), ['meter failing: checksum …', 'meter failing: truncated …', 'meter failing: checksum …']);
  await clock.advance(HOUR);
  meterLog.changed(failing('checksum'), failing('truncated'));
  assert.equal(log.of('warn').at(-1), 'meter failing: truncated …');
});

test('a state that comes and goes is said a dozen times, and then every five minutes with the number of changes', async () => {
  const { clock, log, meterLog } = setUp();
  for (let second = 0; second < 1_800; second++) {
    meterLog.changed(OK, failing('checksum'));
    meterLog.changed(failing('checksum'), OK);
    await clock.advance(1_000);
  }
  // 12, and one in each of the five intervals of five minutes that have ended.
  assert.equal(log.lines.length, 17);
  assert.equal(log.lines.at(-1)?.fields['changes since the last line'], 600);
});

test('the log ends with how the meter is, also where that was held back when it came', async () => {
  const { clock, log, meterLog } = setUp();
  for (let count = 0; count < 10; count++) {
    meterLog.changed(OK, failing('checksum'));
    meterLog.changed(failing('checksum'), OK);
  }
  meterLog.changed(OK, failing('checksum'));
  assert.equal(log.of('info').length, 6);
  await clock.advance(5 * MINUTE);
  meterLog.heard('checksum');
  assert.deepEqual(log.lines.at(-1), {
    level: 'warn',
    message: 'meter failing: checksum …',
    fields: { 'changes since the last line': 9 },
  });
});
