import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Device } from '../../../src/model/device.js';
import type { Reading } from '../../../src/model/reading.js';
import { Meter } from '../../../src/pipeline/meter.js';
import { FakeClock } from '../../support/fake-clock.js';
import { DEVICE } from '../../support/items.js';
import { RecordingLogger } from '../../support/logger.js';
import { MemoryState } from '../../support/state.js';

const TOTAL = 'energy/imported-total';
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const LIMITS = { maxPowerW: 69_000, maxFlowM3PerHour: 15 };
const OLD: Device = { ...DEVICE, serial: 'A1' };
const NEW: Device = { ...DEVICE, serial: 'B2' };

/** A meter that is read every ten seconds, in one run of the program. */
function run({ state = new MemoryState(), clock = new FakeClock(), limits = true } = {}) {
  const log = new RecordingLogger();
  const asked: number[] = [];
  const client = { ask: (afterMs: number) => asked.push(afterMs) };
  const device = { id: 'test-meter', name: 'Test meter' };
  const meter = new Meter({
    device,
    fingerprint: 'test',
    toleratedFaults: 0,
    clock,
    log,
    state,
    limits: limits ? LIMITS : undefined,
    client,
  });
  const read = async (values: Reading['values'] | number, said: Partial<Reading> = {}) => {
    const all = typeof values === 'number' ? { [TOTAL]: values } : values;
    const items = meter.accept({ kind: 'reading', device: OLD, receivedAt: clock.now(), ...said, values: all });
    await clock.advance(10_000);
    const [reading] = items;
    assert.ok(reading?.kind === 'reading');
    return reading.values;
  };
  const quarantined = (): unknown => meter.start().values['meter/quarantined'];
  return { state, clock, log, meter, asked, read, quarantined };
}

test('a total that cannot be right is left out of its reading, whose rest goes out; it is counted, and said once', async () => {
  const { read, log, quarantined } = run();
  await read({ [TOTAL]: 5_000, 'power/current-usage': 250 });
  const spoilt = await read({ [TOTAL]: 0, 'power/current-usage': 251 });
  assert.equal(TOTAL in spoilt, false);
  assert.equal(spoilt['power/current-usage'], 251);
  assert.equal(TOTAL in (await read(0)), false);
  assert.equal((await read(5_001))[TOTAL], 5_001);
  assert.equal(quarantined(), 2);
  assert.deepEqual(log.of('warn'), [
    'energy/imported-total is held back at 0 after 5000 Wh: a total does not begin again; it goes out once 3 readings in a row agree',
  ]);
});

test('a total that three readings in a row confirm goes out, and the log says so', async () => {
  const { read, log } = run();
  await read(5_000);
  await read(100);
  await read(101);
  assert.equal((await read(102))[TOTAL], 102);
  assert.deepEqual(log.of('warn').slice(1), ['energy/imported-total goes on at 102 Wh: 3 readings in a row agree']);
});

test('values that are not totals may fall, leap and be zero', async () => {
  const { read, quarantined } = run();
  for (const watts of [250, 69_000, 0]) {
    const values = await read({ 'power/current-usage': watts });
    assert.equal(values['power/current-usage'], watts);
  }
  assert.equal(quarantined(), 0);
});

test('another serial number is another meter: its totals go out at once', async () => {
  const { read, log, quarantined } = run();
  await read(5_000, { device: OLD });
  assert.equal((await read(3, { device: NEW }))[TOTAL], 3);
  assert.equal((await read(0, { device: NEW }))[TOTAL], undefined);
  assert.equal(quarantined(), 1);
  assert.equal(log.of('info').at(-1), 'another meter: serial number B2 instead of A1; its totals are a new series');
});

test('a sub-meter that was replaced is told by the serial number of its node', async () => {
  const { read, log } = run();
  const withSerial = (serial: string): Device => {
    const { energy } = DEVICE.nodes;
    return { ...OLD, nodes: { ...DEVICE.nodes, ...(energy && { energy: { ...energy, serial } }) } };
  };
  await read(5_000, { device: withSerial('G1') });
  // A reading without the sub-meter says nothing about it.
  await read({ 'power/current-usage': 1 }, { device: OLD });
  assert.equal((await read(1, { device: withSerial('G2') }))[TOTAL], 1);
  assert.equal(log.of('info').filter((line) => line.startsWith('another meter')).length, 1);
});

test('a meter that tells no serial number for once is the same', async () => {
  const { read } = run();
  await read(5_000);
  assert.equal(TOTAL in (await read(10, { device: DEVICE })), false);
  assert.equal(TOTAL in (await read(9)), false);
});

test('a meter that was replaced while the program was away is known by its serial number', async () => {
  const { read, state } = run();
  await read(5_000);
  assert.equal((await run({ state }).read(7, { device: NEW }))[TOTAL], 7);
});

test('the last totals survive a restart: a fall is held back, growth within the time between is not', async () => {
  const first = run();
  await first.read(5_000);
  assert.equal(TOTAL in (await run(first).read(4_000)), false);
  assert.equal((await run(first).read(5_100))[TOTAL], 5_100);
});

test('over a restart as much may have flowed as the fuse carries by the host clock, or by the meter clock where there is one', async () => {
  const start = Date.UTC(2026, 0, 15, 12);
  const after = async (ms: number, said: Partial<Reading>): Promise<boolean> => {
    const first = run({ clock: new FakeClock(start) });
    await first.read(5_000, said.measuredAt === undefined ? {} : { measuredAt: start });
    const values = await run({ state: first.state, clock: new FakeClock(start + ms) }).read(700_000, said);
    return TOTAL in values;
  };
  assert.equal(await after(10 * HOUR, {}), true);
  assert.equal(await after(8 * HOUR, {}), false);
  assert.equal(await after(10 * HOUR, { measuredAt: start + 10 * HOUR }), true);
  assert.equal(await after(8 * HOUR, { measuredAt: start + 8 * HOUR }), false);
});

for (const [what, before, after] of [
  ['began in 1970', Date.UTC(2026, 0, 15, 12), 60_000],
  ['was set from 1970 meanwhile', 60_000, Date.UTC(2026, 0, 15, 12)],
  ['was set back', Date.UTC(2026, 0, 15, 12), Date.UTC(2026, 0, 14, 12)],
] as const) {
  test(`over a restart with a host clock that ${what} any growth may have flowed, and a fall is still held back`, async () => {
    const first = run({ clock: new FakeClock(before) });
    await first.read(5_000);
    const { read } = run({ state: first.state, clock: new FakeClock(after) });
    assert.equal(TOTAL in (await read(4_000)), false);
    assert.equal((await read(900_000))[TOTAL], 900_000);
  });
}

test('within a run a host clock that jumps makes no leap plausible and none implausible', async () => {
  const { read, clock } = run();
  await read(5_000);
  clock.epoch += 365 * DAY;
  assert.equal(TOTAL in (await read(900_000)), false);
  clock.epoch -= 730 * DAY;
  assert.equal((await read(5_020))[TOTAL], 5_020);
});

test('remembered totals in no shape are forgotten', async () => {
  for (const broken of [7, 'text', null, [1], { [TOTAL]: 5_000 }, { [TOTAL]: { value: '5000', stoodMs: 0, receivedAt: 0 } }]) {
    const state = new MemoryState();
    state.map.set('totals test-meter', broken);
    assert.equal((await run({ state }).read(1))[TOTAL], 1);
  }
});

test('a polled meter is asked again after a minute for what readings can confirm, twice at most: more would drain its battery', async () => {
  const { read, asked } = run();
  await read(5_000);
  assert.deepEqual(asked, []);
  for (const wild of [1, 900_000, 3, 700_000]) await read(wild);
  assert.deepEqual(asked, [60_000, 60_000]);
  await read(5_001);
  await read(5_000);
  assert.deepEqual(asked, [60_000, 60_000]);
});

test('a total that dips every minute for a day is said once an hour at most', async () => {
  const { read, log, quarantined } = run();
  for (let minute = 0; minute < 1_440; minute++) {
    for (const dip of [0, 0, 0, 0, 0, minute % 2 === 0 ? 1 : 900]) await read(5_000 + minute - dip);
  }
  assert.equal(quarantined(), 1_440);
  assert.ok(log.of('warn').length <= 24, String(log.of('warn').length));
});

test('without limits every total goes out as the meter says it', async () => {
  const { read, quarantined, state } = run({ limits: false });
  await read(5_000);
  assert.equal((await read(0))[TOTAL], 0);
  assert.equal(quarantined(), 0);
  assert.equal(state.get('totals test-meter'), undefined);
});
