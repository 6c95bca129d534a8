import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Device } from '../../../src/model/device.js';
import type { Health, Reading } from '../../../src/model/reading.js';
import { everyMailbox, latestMailbox } from '../../../src/pipeline/mailbox.js';
import { FakeClock, settle } from '../../support/fake-clock.js';
import { DEVICE, fault, health, POWER_ONLY, reading } from '../../support/items.js';

const never = new AbortController().signal;

test('a latest mailbox gives the newest value per property after an outage', async () => {
  const mailbox = latestMailbox(new FakeClock());
  mailbox.offer(reading({ 'energy/imported-total': 1, 'power/current-usage': 10 }));
  mailbox.offer(reading({ 'energy/imported-total': 2 }));
  mailbox.offer(reading({ 'power/current-usage': 30 }));
  const items = await mailbox.take(never);
  assert.deepEqual(items, [reading({ 'energy/imported-total': 2, 'power/current-usage': 30 })]);
});

test('a latest mailbox keeps the newest health, puts readings before it, and leaves faults out', async () => {
  const mailbox = latestMailbox(new FakeClock());
  mailbox.offer(health('waiting'));
  mailbox.offer(fault());
  mailbox.offer(health('ok'));
  mailbox.offer(reading());
  assert.deepEqual(await mailbox.take(never), [reading(), health('ok')]);
});

test('a latest mailbox does not mix two devices', async () => {
  const mailbox = latestMailbox(new FakeClock());
  const other = { ...reading().device, id: 'other' };
  mailbox.offer(reading({ 'power/current-usage': 1 }));
  mailbox.offer(reading({ 'power/current-usage': 2 }, other));
  assert.deepEqual(await mailbox.take(never), [
    reading({ 'power/current-usage': 1 }),
    reading({ 'power/current-usage': 2 }, other),
  ]);
});

test('what could not be written is older than what was offered since', async () => {
  const mailbox = latestMailbox(new FakeClock());
  mailbox.offer(reading({ 'energy/imported-total': 1, 'power/current-usage': 10 }));
  mailbox.offer(health('silent'));
  const items = (await mailbox.take(never)) ?? [];
  mailbox.offer(reading({ 'power/current-usage': 20 }));
  mailbox.offer(health('ok'));
  mailbox.restore(items);
  assert.deepEqual(await mailbox.take(never), [reading({ 'energy/imported-total': 1, 'power/current-usage': 20 }), health('ok')]);
});

const identified = (serial: string, device: Device): Reading => reading({ 'meter/serial-number': serial }, device);
const healthOf = (serial: string, device: Device): Health => {
  const plain = health('ok', 'ok', device);
  return { ...plain, values: { ...plain.values, 'meter/serial-number': serial } };
};

test('a health that goes out after a newer reading takes back neither its tree nor its values', async () => {
  const mailbox = latestMailbox(new FakeClock());
  mailbox.offer(healthOf('A', POWER_ONLY));
  mailbox.offer(identified('B', DEVICE));
  assert.deepEqual(await mailbox.take(never), [identified('B', DEVICE), healthOf('B', DEVICE)]);
});

test('neither does one that could not be written', async () => {
  const mailbox = latestMailbox(new FakeClock());
  mailbox.offer(identified('A', POWER_ONLY));
  mailbox.offer(healthOf('B', POWER_ONLY));
  const items = (await mailbox.take(never)) ?? [];
  mailbox.restore(items);
  const again = (await mailbox.take(never)) ?? [];
  assert.deepEqual(again, items);
  mailbox.offer(identified('C', DEVICE));
  mailbox.restore(again);
  assert.deepEqual(await mailbox.take(never), [identified('C', DEVICE), healthOf('C', DEVICE)]);
});

test('a thinned mailbox gives one reading an interval, the newest', async () => {
  const clock = new FakeClock();
  const mailbox = latestMailbox(clock, 10_000);
  mailbox.offer(reading({ 'power/current-usage': 1 }));
  assert.deepEqual(await mailbox.take(never), [reading({ 'power/current-usage': 1 })]);
  mailbox.offer(reading({ 'power/current-usage': 2 }));
  let taken: unknown;
  const taking = mailbox.take(never).then((items) => (taken = items));
  await clock.advance(9_000);
  mailbox.offer(reading({ 'power/current-usage': 3 }));
  await settle();
  assert.equal(taken, undefined);
  await clock.advance(1_000);
  await taking;
  assert.deepEqual(taken, [reading({ 'power/current-usage': 3 })]);
  assert.equal(clock.sleeping, 0);
});

test('a thinned mailbox lets health through at once', async () => {
  const clock = new FakeClock();
  const mailbox = latestMailbox(clock, 10_000);
  mailbox.offer(reading());
  await mailbox.take(never);
  const taking = mailbox.take(never);
  mailbox.offer(health('silent'));
  assert.deepEqual(await taking, [health('silent')]);
});

test('a mailbox of all items keeps their order and drops the oldest when it is full', async () => {
  const mailbox = everyMailbox(new FakeClock(), 3, 2);
  for (const n of [1, 2, 3, 4]) mailbox.offer(reading({ n }));
  mailbox.offer(fault());
  assert.equal(mailbox.dropped, 2);
  assert.deepEqual(await mailbox.take(never), [reading({ n: 3 }), reading({ n: 4 })]);
  assert.deepEqual(await mailbox.take(never), [fault()]);
});

test('a mailbox of all items repeats what could not be written, first', async () => {
  const mailbox = everyMailbox(new FakeClock(), 10, 2);
  for (const n of [1, 2, 3]) mailbox.offer(reading({ n }));
  mailbox.restore((await mailbox.take(never)) ?? []);
  assert.deepEqual(await mailbox.take(never), [reading({ n: 1 }), reading({ n: 2 })]);
});

test('a closed mailbox gives at once what it holds, then undefined', async () => {
  const clock = new FakeClock();
  const mailbox = latestMailbox(clock, 10_000);
  mailbox.offer(reading({ n: 1 }));
  await mailbox.take(never);
  mailbox.offer(reading({ n: 2 }));
  mailbox.close();
  assert.deepEqual(await mailbox.take(never), [reading({ n: 2 })]);
  assert.equal(await mailbox.take(never), undefined);
  assert.equal(mailbox.closed.aborted, true);
});

test('a take whose signal has aborted takes nothing', async () => {
  const mailbox = latestMailbox(new FakeClock());
  mailbox.offer(health('ok'));
  await assert.rejects(mailbox.take(AbortSignal.abort(new Error('enough'))), /enough/);
  assert.equal(mailbox.length, 1);
});

test('a take ends with its signal and loses nothing', async () => {
  const mailbox = latestMailbox(new FakeClock());
  const abort = new AbortController();
  const taking = mailbox.take(abort.signal);
  abort.abort(new Error('enough'));
  await assert.rejects(taking, /enough/);
  mailbox.offer(health('ok'));
  assert.deepEqual(await mailbox.take(never), [health('ok')]);
});
