import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeRegistersAnswer } from '../../../../src/codecs/kmp/encode.js';
import { encodeFrame } from '../../../../src/codecs/kmp/frame.js';
import { Home, home } from './home.js';

const ALL = '60 68 74 80 86 87 89 1004';
const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;

test('a head that echoes, garbage before each answer and a first request that only wakes the meter: every value is right', async (t) => {
  const made = await home(t, ({ meter }) => {
    meter.faults.echo = true;
    meter.faults.before = Uint8Array.of(0x00, 0x00, 0xff, 0x06, 0x0d);
    meter.faults.silent = 1;
  });
  await made.clock.advance(5 * SECOND);
  assert.deepEqual(made.faults, []);
  assert.equal(made.values?.['energy/imported-total'], 55_006);
  assert.equal(made.values['temperatures/temp-diff'], 36.84);
  assert.deepEqual(made.newlyAsked(), ['serial', 'serial', 'type', ALL]);
});

test('a request is repeated 1.6 s after the 2 s in which no answer began', async (t) => {
  const made = await home(t, ({ meter }) => (meter.faults.silent = 2));
  await made.clock.advance(10 * SECOND);
  assert.deepEqual(
    made.asked.slice(0, 3).map(({ at }) => at),
    [0, 3_600, 7_200],
  );
});

test('a damaged answer is asked for again and none of it is published', async (t) => {
  const made = await home(t);
  await made.clock.advance(SECOND);
  made.newlyAsked();
  made.meter.faults.corrupt = 1;
  await made.clock.advance(HOUR + 10 * SECOND);
  assert.deepEqual(made.newlyAsked(), [ALL, ALL]);
  assert.deepEqual(
    made.items.map(({ kind }) => kind),
    ['reading', 'reading'],
  );
});

test('a poll that failed after its retries is one fault, and is tried again after 1, 2 and 4 minutes', async (t) => {
  const made = await home(t, ({ meter }) => (meter.faults.silent = 9));
  await made.clock.advance(59 * SECOND);
  assert.deepEqual(made.faults, ['timeout']);
  assert.deepEqual(made.newlyAsked(), ['serial', 'serial', 'serial']);
  await made.clock.advance(2 * MINUTE);
  assert.deepEqual(made.faults, ['timeout', 'timeout']);
  await made.clock.advance(5 * MINUTE);
  assert.deepEqual(made.faults, ['timeout', 'timeout', 'timeout']);
  assert.deepEqual(
    made.asked.map(({ at }) => at),
    [60_000, 63_600, 67_200, 180_000, 183_600, 187_200, 420_000, 420_020, 420_040],
  );
  assert.equal(made.values?.['energy/imported-total'], 55_006);
});

test('after a success the interval counts again, from start to start', async (t) => {
  const made = await home(t, ({ meter }) => (meter.faults.silent = 3));
  await made.clock.advance(3 * HOUR);
  const polls = made.asked.filter(({ what }) => what === ALL).map(({ at }) => Math.floor(at / SECOND));
  assert.deepEqual(polls, [60, 3_660, 7_260]);
});

test('retries never come less often than polls', async (t) => {
  const made = new Home(2 * MINUTE);
  made.meter.faults.silent = Infinity;
  const reading = made.read();
  t.after(async () => {
    made.stop();
    await reading;
  });
  await made.clock.advance(10 * MINUTE);
  const starts = made.asked.filter((_, index) => index % 3 === 0).map(({ at }) => at / MINUTE);
  assert.deepEqual(starts, [0, 1, 3, 5, 7, 9]);
});

test('a silent meter, a head that only echoes and damaged answers are told apart', async (t) => {
  const made = await home(t, ({ meter }) => {
    meter.faults.silent = 6;
    meter.faults.corrupt = 3;
  });
  await made.clock.advance(30 * SECOND);
  made.meter.faults.echo = true;
  await made.clock.advance(2 * MINUTE);
  await made.clock.advance(2 * MINUTE);
  assert.deepEqual(made.faults, ['timeout', 'echo', 'checksum']);
  const details = made.items.map((item) => (item.kind === 'fault' ? item.detail : ''));
  assert.match(details[0] ?? '', /head sits straight.*turn the head by 180°, press a button/);
  assert.match(details[1] ?? '', /sends back what it is given/);
  assert.match(details[2] ?? '', /check sum is wrong.*1200 baud 8N2/);
});

test('an answer that broke off is not waited for longer than 250 ms', async (t) => {
  const made = await home(t, ({ meter }) => (meter.faults.truncate = 1));
  await made.clock.advance(5 * SECOND);
  assert.deepEqual(
    made.asked.slice(0, 2).map(({ at }) => at),
    [0, 250 + 1_600],
  );
});

test('an answer that breaks off is an incomplete frame', async (t) => {
  const made = await home(t, ({ meter }) => (meter.faults.truncate = 3));
  await made.clock.advance(30 * SECOND);
  assert.deepEqual(made.faults, ['truncated']);
});

test('noise without an answer is no answer', async (t) => {
  const made = await home(t, ({ meter }) => (meter.faults.silent = 3));
  await made.links.far.write(Uint8Array.of(0xff, 0xfe), new AbortController().signal);
  await made.clock.advance(SECOND);
  await made.clock.advance(30 * SECOND);
  assert.deepEqual(made.faults, ['timeout']);
});

test('an answer that lay in the line before the request is not taken for its answer', async (t) => {
  const made = await home(t);
  await made.clock.advance(SECOND);
  const stale = encodeRegistersAnswer([{ id: 60, unitCode: 0x03, value: { integer: 1, exponent: 0 } }]);
  await made.links.far.write(stale, new AbortController().signal);
  await made.clock.advance(HOUR);
  assert.equal(made.items.length, 2);
  assert.equal(made.values?.['energy/imported-total'], 55_006);
});

test('an answer to another command is passed over', async (t) => {
  const other = encodeFrame('answer', { address: 0x3f, command: 0xa0, data: Uint8Array.of(1, 2, 3, 4) });
  const made = await home(t, ({ meter }) => (meter.faults.before = other));
  await made.clock.advance(SECOND);
  assert.deepEqual(made.newlyAsked(), ['serial', 'type', ALL]);
  assert.equal(made.device?.serial, '76543210');
  assert.equal(made.values?.['energy/imported-total'], 55_006);
});

test('an answer whose content does not fit is not understood', async (t) => {
  const cut = encodeFrame('answer', { address: 0x3f, command: 0x10, data: Uint8Array.of(0x00, 0x3c, 0x03, 0x04, 0x43, 0x00) });
  const made = await home(t);
  await made.clock.advance(SECOND);
  made.meter.faults.silent = Infinity;
  await made.clock.advance(HOUR - SECOND);
  for (let request = 0; request < 3; request++) {
    await made.links.far.write(cut, new AbortController().signal);
    await made.clock.advance(3_600);
  }
  assert.deepEqual(made.faults, ['malformed']);
});

test('a line that never stops talking does not hold a poll up', async (t) => {
  const made = await home(t, ({ meter }) => (meter.faults.silent = Infinity));
  const { signal } = new AbortController();
  for (let ms = 0; ms < 30 * SECOND; ms += 100) {
    await made.links.far.write(Uint8Array.from({ length: 60 }).fill(0x40, 0, 1), signal);
    await made.clock.advance(100);
  }
  assert.deepEqual(made.faults, ['truncated']);
  assert.equal(made.items[0]?.kind === 'fault' && made.items[0].bytes?.length, 512);
});

test('a port that takes no more bytes does not hold a poll up for ever', async (t) => {
  const made = await home(t, (stuck) => (stuck.stuck = true));
  await made.clock.advance(45 * SECOND - 1);
  assert.deepEqual(made.faults, []);
  await made.clock.advance(1);
  assert.deepEqual(made.faults, ['timeout']);
});
