import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathsOf } from '../../../src/model/device.js';
import { NO_FIGURES, type FaultKind, type Health, type QueueItem } from '../../../src/model/reading.js';
import { Meter } from '../../../src/pipeline/meter.js';
import { FakeClock } from '../../support/fake-clock.js';
import { DEVICE, fault, POWER_ONLY, reading } from '../../support/items.js';
import { RecordingLogger } from '../../support/logger.js';
import { MemoryState } from '../../support/state.js';

const BEFORE_FIRST = [
  'meter/status',
  'meter/readings',
  'meter/faults',
  'meter/checksum-errors',
  'meter/tag-errors',
  'meter/truncated',
  'meter/replayed',
  'meter/timeouts',
  'meter/quarantined',
  'meter/lost',
  'meter/reconnects',
];

function setUp({ state = new MemoryState(), fingerprint = '1 test', toleratedFaults = 2 } = {}) {
  const clock = new FakeClock();
  const log = new RecordingLogger();
  const meter = new Meter({ device: { id: 'test-meter', name: 'Test meter' }, fingerprint, toleratedFaults, clock, log, state });
  return { clock, log, meter, state };
}

const healths = (items: readonly QueueItem[]): Health[] => items.filter((item) => item.kind === 'health');

test('before anything is heard the tree is the node meter alone, and says that it waits', () => {
  const start = setUp().meter.start();
  assert.equal(start.state, 'waiting');
  assert.deepEqual(pathsOf(start.device.nodes), BEFORE_FIRST);
  assert.deepEqual(start.values, {
    'meter/status': 'waiting for the first reading',
    'meter/readings': 0,
    'meter/faults': 0,
    'meter/checksum-errors': 0,
    'meter/tag-errors': 0,
    'meter/truncated': 0,
    'meter/replayed': 0,
    'meter/timeouts': 0,
    'meter/quarantined': 0,
    'meter/lost': 0,
    'meter/reconnects': 0,
  });
});

test('a reading gets the values of the node meter, and the first one makes the meter ok', () => {
  const { meter } = setUp();
  const items = meter.accept({
    ...reading({ 'power/current-usage': 5 }, { ...POWER_ONLY, serial: 'S1' }),
    measuredAt: Date.UTC(2026, 0, 15, 11, 59, 58),
  });
  assert.deepEqual(
    items.map(({ kind }) => kind),
    ['reading', 'health'],
  );
  const [first] = items;
  assert.ok(first?.kind === 'reading');
  assert.deepEqual(first.values, {
    'power/current-usage': 5,
    'meter/serial-number': 'S1',
    'meter/measured-at': '2026-01-15T11:59:58.000Z',
    'meter/received-at': '2026-01-15T12:00:00.000Z',
    'meter/clock-offset': -2,
  });
  assert.equal(healths(items)[0]?.state, 'ok');
  assert.equal(healths(items)[0]?.values['meter/status'], 'ok');
});

test('the tree grows with what the meter shows and never shrinks', () => {
  const { meter } = setUp();
  meter.accept(reading({}, POWER_ONLY));
  const [full] = meter.accept(reading());
  const [short] = meter.accept(reading({}, POWER_ONLY));
  assert.ok(full?.kind === 'reading' && short?.kind === 'reading');
  assert.equal(full.device, short.device);
  const paths = pathsOf(short.device.nodes).filter((path) => !path.startsWith('meter/'));
  assert.deepEqual(paths.sort(), ['energy/imported-total', 'power/current-usage']);
});

test('a device stays the same object while nothing is new', () => {
  const { meter } = setUp();
  const [first] = meter.accept(reading());
  const [second] = meter.accept(reading());
  assert.ok(first?.kind === 'reading' && second?.kind === 'reading');
  assert.equal(first.device, second.device);
});

test('a measured time that comes later becomes a property then', () => {
  const { meter } = setUp();
  meter.accept(reading());
  const [later] = meter.accept({ ...reading(), measuredAt: Date.UTC(2026, 0, 15, 12) });
  assert.ok(later?.kind === 'reading');
  assert.ok(pathsOf(later.device.nodes).includes('meter/measured-at'));
});

test('the tree is remembered over a restart, with what the meter is', () => {
  const { meter, state } = setUp();
  meter.accept(reading(undefined, { ...DEVICE, serial: 'S1', model: 'M' }));
  const again = setUp({ state }).meter.start();
  assert.deepEqual(pathsOf(again.device.nodes), [
    'energy/imported-total',
    'power/current-usage',
    'meter/status',
    'meter/serial-number',
    'meter/model',
    ...BEFORE_FIRST.slice(1),
  ]);
  assert.equal(again.device.serial, 'S1');
});

test('a tree of another version, or one that makes no sense, is not recalled', () => {
  const { meter, state } = setUp();
  meter.accept(reading());
  assert.deepEqual(pathsOf(setUp({ state, fingerprint: '2 test' }).meter.start().device.nodes), BEFORE_FIRST);
  state.map.set('device test-meter', {
    fingerprint: '1 test',
    nodes: { energy: { name: 'Energy', type: 'energy', properties: { x: { unit: 'furlong' } } } },
  });
  assert.deepEqual(pathsOf(setUp({ state }).meter.start().device.nodes), BEFORE_FIRST);
});

test('as many faults in a row as are tolerated are noise, one more is a failing meter, said once', () => {
  const { meter, log } = setUp({ toleratedFaults: 2 });
  meter.accept(reading());
  assert.deepEqual([...healths(meter.accept(fault())), ...healths(meter.accept(fault()))], []);
  const [failing] = healths(meter.accept(fault()));
  assert.equal(failing?.state, 'failing');
  assert.equal(failing.detail, 'damaged frame: CRC sent 1234, calculated 5678');
  assert.deepEqual(healths(meter.accept(fault('checksum', 'CRC sent 9999, calculated 0000'))), []);
  assert.deepEqual(log.of('warn'), ['meter failing: damaged frame: CRC sent 1234, calculated 5678']);
});

test('a reading in between starts the count of faults again', () => {
  const { meter } = setUp({ toleratedFaults: 2 });
  const items = [fault(), fault(), reading(), fault(), fault()].flatMap((item) => meter.accept(item));
  assert.deepEqual(
    healths(items).map(({ state }) => state),
    ['ok'],
  );
});

test('a poll that nobody answered is silence, another cause is news', () => {
  const { meter } = setUp({ toleratedFaults: 0 });
  assert.equal(healths(meter.accept(fault('timeout', 'no byte for 4 s')))[0]?.state, 'silent');
  assert.equal(
    healths(meter.accept(fault('echo', 'only the request came back')))[0]?.detail,
    'only echo: only the request came back',
  );
});

test('silence and a lost link are said once, and the next reading ends them', () => {
  const { meter, log } = setUp();
  meter.accept(reading());
  assert.equal(healths(meter.silent('nothing heard for 30 s'))[0]?.state, 'silent');
  assert.deepEqual(meter.silent('nothing heard for 30 s'), []);
  assert.equal(healths(meter.linkLost('/dev/p1 is gone'))[0]?.state, 'failing');
  assert.deepEqual(meter.linkLost('/dev/p1 is gone'), []);
  const [back] = healths(meter.accept(reading()));
  assert.equal(back?.state, 'ok');
  assert.equal(back.figures.reconnects, 2);
  assert.deepEqual(log.of('warn'), ['meter silent: nothing heard for 30 s', 'meter failing: /dev/p1 is gone']);
  assert.deepEqual(log.of('info'), ['first reading received', 'meter is back']);
});

test('a link that stays lost for another reason is one line in the log, and its health tells the new reason', () => {
  const { meter, log } = setUp();
  meter.accept(reading());
  meter.linkLost('lost /dev/p1: its adapter was unplugged');
  const [health] = healths(meter.linkLost('cannot open /dev/p1: permission denied'));
  assert.equal(health?.detail, 'cannot open /dev/p1: permission denied');
  assert.deepEqual(meter.linkLost('cannot open /dev/p1: permission denied'), []);
  assert.deepEqual(log.of('warn'), ['meter failing: lost /dev/p1: its adapter was unplugged']);
});

test('an unchanged health is repeated once a minute with its counts', async () => {
  const { meter, clock } = setUp();
  meter.accept(reading());
  await clock.advance(59_999);
  assert.deepEqual(healths(meter.accept(reading())), []);
  await clock.advance(1);
  meter.countLost(3);
  assert.deepEqual(healths(meter.accept(reading()))[0]?.figures, { ...NO_FIGURES, readings: 3, lost: 3 });
});

test('faults are counted by their kind, and the node meter has the kinds that say what to do', () => {
  const { meter } = setUp({ toleratedFaults: 0 });
  const kinds: FaultKind[] = ['checksum', 'checksum', 'truncated', 'replayed', 'timeout', 'wrong-authentication-key', 'echo'];
  const [last] = kinds.flatMap((kind) => healths(meter.accept(fault(kind)))).slice(-1);
  assert.deepEqual(last?.figures.faultsOf, {
    ...NO_FIGURES.faultsOf,
    checksum: 2,
    truncated: 1,
    replayed: 1,
    timeout: 1,
    'wrong-authentication-key': 1,
    echo: 1,
  });
  const { values } = last;
  assert.deepEqual(
    ['faults', 'checksum-errors', 'tag-errors', 'truncated', 'replayed', 'timeouts'].map((id) => values[`meter/${id}`]),
    [7, 2, 1, 1, 1, 1],
  );
});

test('the status tells the age of the last reading, by the monotonic clock', async () => {
  const { meter, clock } = setUp();
  assert.equal(meter.status.ageMs, undefined);
  meter.accept(reading());
  await clock.advance(7_000);
  clock.epoch += 3_600_000;
  meter.accept(fault());
  assert.equal(meter.status.ageMs, 7_000);
  assert.equal(meter.status.state, 'ok');
});
