import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Device } from '../../../src/model/device.js';
import type { Reading } from '../../../src/model/reading.js';
import { mergeReadings } from '../../../src/pipeline/mailbox.js';
import { Meter } from '../../../src/pipeline/meter.js';
import { FakeClock } from '../../support/fake-clock.js';
import { DEVICE } from '../../support/items.js';
import { RecordingLogger } from '../../support/logger.js';
import { MemoryState } from '../../support/state.js';

const HOUR = 3_600_000;

const withGas = (serial: string): Device => ({
  ...DEVICE,
  nodes: {
    ...DEVICE.nodes,
    gas: {
      name: 'Gas',
      type: 'gas',
      serial,
      properties: { volume: { name: 'Volume', datatype: 'float', unit: 'm³', quantity: 'gas', kind: 'total' } },
    },
  },
});

function run(state = new MemoryState()) {
  const [clock, log] = [new FakeClock(), new RecordingLogger()];
  const device = { id: 'test-meter', name: 'Test meter' };
  const limits = { maxPowerW: 69_000, maxFlowM3PerHour: 15 };
  const meter = new Meter({ device, fingerprint: 'test', toleratedFaults: 0, clock, log, state, limits });
  const accept = (said: Partial<Reading> & Pick<Reading, 'values'>): Reading => {
    const [item] = meter.accept({ kind: 'reading', device: withGas('G1'), receivedAt: clock.now(), ...said });
    assert(item?.kind === 'reading');
    return item;
  };
  const telegram = (measuredAt = clock.now()) => accept({ measuredAt, values: { 'power/current-usage': 1 } });
  const gas = (volume: number, hoursAgo: number, serial = 'G1') =>
    accept({
      device: withGas(serial),
      timing: 'own',
      measuredAt: clock.now() - hoursAgo * HOUR,
      values: { 'gas/volume': volume },
    });
  return { clock, log, meter, telegram, gas };
}

test('a value of another time keeps it, and leaves that of the telegram as it was', () => {
  const { telegram, gas, clock } = run();
  telegram();
  const { measuredAt, values, timing } = gas(66.405, 1);
  assert.equal(timing, 'own');
  assert.equal(measuredAt, clock.now() - HOUR);
  assert.equal(values['gas/volume'], 66.405);
  assert.equal('meter/measured-at' in values, false);
});

test("old times say nothing of the meter's clock", async () => {
  const { telegram, gas, clock, log } = run();
  for (let count = 0; count < 10; count++) {
    assert.notEqual(telegram().measuredAt, undefined);
    gas(66 + count / 100, 12);
    await clock.advance(10_000);
  }
  assert.deepEqual(log.of('warn'), []);
});

test('a clock that is wrong is wrong for these times too, and so is one that is ahead', () => {
  const { telegram, gas, clock } = run();
  telegram(clock.now() - 3 * HOUR);
  assert.equal(gas(1, 1).measuredAt, undefined);
  telegram();
  assert.equal(gas(1, -1).measuredAt, undefined);
  assert.notEqual(gas(1, 1).measuredAt, undefined);
});

test('what comes with a telegram is not counted as another reading', () => {
  const { telegram, gas, meter } = run();
  telegram();
  gas(1, 1);
  assert.equal(meter.start().values['meter/readings'], 1);
});

test('a sub-meter that was replaced begins a new series at once, and the rest of the meter does not', async () => {
  const { telegram, gas, clock, log } = run();
  telegram();
  gas(1234.5, 1);
  await clock.advance(HOUR);
  telegram();
  assert.equal(gas(0.01, 1, 'G2').values['gas/volume'], 0.01);
  assert.deepEqual(log.of('info').slice(1), ['another meter: serial number G2 instead of G1; its totals are a new series']);
});

test('a sub-meter that was seen stays in the tree after a restart, before it is heard again', () => {
  const state = new MemoryState();
  const { telegram, gas } = run(state);
  telegram();
  gas(1, 1);
  assert.deepEqual(Object.keys(run(state).meter.start().device.nodes.gas?.properties ?? {}), ['volume']);
});

test('a value of another time that waits with others does not date them', () => {
  const device = withGas('G1');
  const said: Reading = { kind: 'reading', device, measuredAt: 2 * HOUR, receivedAt: 7, values: { 'power/current-usage': 1 } };
  const own: Reading = { kind: 'reading', device, timing: 'own', measuredAt: HOUR, receivedAt: 8, values: { 'gas/volume': 1 } };
  const merged = { ...said, receivedAt: 8, values: { 'power/current-usage': 1, 'gas/volume': 1 } };
  assert.deepEqual(mergeReadings(said, own), merged);
  assert.deepEqual(mergeReadings(own, { ...said, receivedAt: 8 }), merged);
});
