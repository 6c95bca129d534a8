import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LinkError } from '../../../../src/model/errors.js';
import { Home, home } from './home.js';

const ALL = '60 68 74 80 86 87 89 1004';
const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;

test('a meter is asked for its serial number, its type and eight registers, and their values are published in the units of the topics', async (t) => {
  const made = await home(t);
  await made.clock.advance(SECOND);
  const { items, device } = made;
  assert.deepEqual(made.newlyAsked(), ['serial', 'type', ALL]);
  assert.equal(items.length, 1);
  assert.deepEqual(items[0]?.kind === 'reading' && items[0].values, {
    'energy/imported-total': 55_006,
    'power/current-usage': 6.4,
    'temperatures/temp1': 70.39,
    'temperatures/temp2': 33.55,
    'temperatures/temp-diff': 36.84,
    'flow/flow': 518,
    'flow/volume': 1_875.56,
    'ops/hour-counter': 16_411,
  });
  assert.deepEqual(
    [device?.id, device?.name, device?.manufacturer, device?.serial, device?.model],
    ['heat-smart-meter', 'Heat meter', 'Kamstrup', '76543210', 'Multical, type 0403 (software F1)'],
  );
  assert.equal(items[0]?.kind === 'reading' && items[0].measuredAt, undefined);
  assert.equal(items[0]?.kind === 'reading' && items[0].receivedAt, Date.UTC(2026, 0, 15, 12) + 40);
});

test('polls that were missed while nobody took the readings are not made up for', async (t) => {
  const made = new Home(HOUR);
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  const reading = made.read(() => held);
  t.after(async () => {
    made.stop();
    await reading;
  });
  await made.clock.advance(5.5 * HOUR);
  letGo();
  await made.clock.advance(1.5 * HOUR);
  const polls = made.asked.filter(({ what }) => what === ALL).map(({ at }) => Math.floor(at / SECOND));
  assert.deepEqual(polls, [0, 19_800, 23_400]);
});

test('a meter can be asked before its time, and the next poll is an interval after that', async (t) => {
  const made = await home(t);
  await made.clock.advance(10 * MINUTE);
  made.ask(MINUTE);
  made.ask(2 * MINUTE);
  await made.clock.advance(2 * HOUR);
  const polls = made.asked.filter(({ what }) => what === ALL).map(({ at }) => Math.floor(at / SECOND));
  assert.deepEqual(polls, [0, 660, 4_260]);
});

test('being asked for later than the next poll, or after the end, changes nothing', async (t) => {
  const made = await home(t);
  made.ask(2 * HOUR);
  await made.clock.advance(2 * HOUR - MINUTE);
  const polls = made.asked.filter(({ what }) => what === ALL).map(({ at }) => Math.floor(at / SECOND));
  assert.deepEqual(polls, [0, 3_600]);
  made.stop();
  await made.clock.advance(0);
  made.ask(0);
  await made.clock.advance(HOUR);
  assert.equal(made.clock.sleeping, 0);
});

test('serial number and type are asked again after a failed poll, not before every one', async (t) => {
  const made = await home(t);
  await made.clock.advance(HOUR + SECOND);
  assert.deepEqual(made.newlyAsked(), ['serial', 'type', ALL, ALL]);
  made.meter.faults.silent = 3;
  await made.clock.advance(HOUR + 2 * MINUTE);
  assert.deepEqual(made.newlyAsked(), [ALL, ALL, ALL, 'serial', 'type', ALL]);
});

test('a total that falls has the serial number asked again, and the reading names the new meter', async (t) => {
  const made = await home(t);
  await made.clock.advance(SECOND);
  made.newlyAsked();
  made.meter.serialNumber = 87_654_321;
  made.meter.registers.set(60, { unitCode: 0x03, value: { integer: 1, exponent: -3 } });
  await made.clock.advance(HOUR);
  assert.deepEqual(made.newlyAsked(), [ALL, 'serial', 'type']);
  assert.equal(made.device?.serial, '87654321');
  assert.equal(made.values?.['energy/imported-total'], 1);
  await made.clock.advance(HOUR);
  assert.deepEqual(made.newlyAsked(), [ALL]);
});

test('the device stays one object as long as the meter shows the same', async (t) => {
  const made = await home(t);
  await made.clock.advance(SECOND);
  const first = made.device;
  await made.clock.advance(HOUR);
  assert.equal(made.items.length, 2);
  assert.equal(made.device, first);
  made.meter.registers.delete(89);
  await made.clock.advance(HOUR);
  assert.notEqual(made.device, first);
  assert.deepEqual(Object.keys(made.device?.nodes.temperatures?.properties ?? {}), ['temp1', 'temp2']);
});

test('energy in another unit than that of the topics is told once', async (t) => {
  const made = await home(t, ({ meter }) =>
    meter.registers.set(60, { unitCode: 0x08, value: { integer: 123_456, exponent: -2 } }),
  );
  await made.clock.advance(2 * HOUR + SECOND);
  assert.equal(made.items.length, 3);
  assert.equal(made.values?.['energy/imported-total'], 1_234.56);
  assert.equal(made.device?.nodes.energy?.properties['imported-total']?.unit, 'GJ');
  assert.deepEqual(made.log.of('info'), ['energy/imported-total is published in GJ, as the meter counts it, not in kWh']);
});

test('a type that the KMP description knows is named', async (t) => {
  const made = await home(t, ({ meter }) => (meter.type = { type: 0x0001, revision: 'F1' }));
  await made.clock.advance(SECOND);
  assert.equal(made.device?.model, 'Multical 601 Pt500 (software F1)');
});

test('a meter that does not tell its type is read all the same', async (t) => {
  const made = await home(t, ({ meter }) => (meter.type = undefined));
  await made.clock.advance(12 * SECOND);
  assert.deepEqual(made.newlyAsked(), ['serial', 'type', 'type', 'type', ALL]);
  assert.equal(made.device?.serial, '76543210');
  assert.equal(made.device.model, undefined);
});

test('a lost link is thrown for the pipeline to reopen, and the meter is then asked who it is', async () => {
  const made = new Home();
  const reading = made.read();
  await made.clock.advance(SECOND);
  const lost = assert.rejects(reading, LinkError);
  made.links.lose();
  await made.clock.advance(HOUR);
  await lost;
  assert.equal(made.closed, 1);
  made.newlyAsked();
  const again = made.read();
  await made.clock.advance(SECOND);
  assert.deepEqual(made.newlyAsked(), ['serial', 'type', ALL]);
  made.stop();
  await again;
});

test('a head that is unplugged between two polls is noticed at once, and noise between them is not', async () => {
  const made = new Home(HOUR);
  const reading = assert.rejects(made.read(), LinkError);
  await made.clock.advance(SECOND);
  await made.links.far.write(Uint8Array.of(0x00, 0xff), new AbortController().signal);
  await made.clock.advance(MINUTE);
  assert.equal(made.items.length, 1);
  made.links.lose();
  await reading;
  assert.equal(made.clock.sleeping, 0);
});

test('stopping during a poll ends it at once and leaves nothing behind', async () => {
  const made = new Home();
  made.meter.faults.silent = Infinity;
  const reading = made.read();
  await made.clock.advance(SECOND);
  assert.notEqual(made.clock.sleeping, 0);
  made.stop();
  await reading;
  assert.equal(made.clock.sleeping, 0);
  assert.equal(made.closed, 1);
  assert.deepEqual(made.items, []);
});

test('stopping between polls ends at once and leaves nothing behind', async () => {
  const made = new Home();
  const reading = made.read();
  await made.clock.advance(SECOND);
  made.stop();
  await reading;
  assert.equal(made.clock.sleeping, 0);
  assert.equal(made.closed, 1);
});

test('an interval that drains the battery is warned of once, one of 15 minutes is not', () => {
  assert.deepEqual(new Home(15 * MINUTE).log.of('warn'), []);
  const warnings = new Home(15 * MINUTE - 1).log.of('warn');
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? '', /poll_interval.*battery/);
});

test('silence is measured in intervals, or in the longest poll where that is longer', () => {
  assert.equal(new Home(HOUR).periodMs, HOUR);
  assert.equal(new Home(SECOND).periodMs, 45 * SECOND);
});
