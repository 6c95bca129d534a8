import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Interpreter } from '../../../../src/clients/p1/interpreter.js';
import { closeTelegram } from '../../../../src/codecs/p1/encode.js';
import type { Reading } from '../../../../src/model/reading.js';
import { clientContext, type TestContext } from '../../../support/client-context.js';
import { P1_SETTINGS } from '../../../support/p1.js';

const RECEIVED = Date.parse('2026-01-15T11:00:01Z');
const SETTINGS = { ...P1_SETTINGS, time_zone: 'Europe/Brussels' };

/** `G001` and `G002` as their hexadecimal digits. */
const [G001, G002] = ['47303031', '47303032'];

let context: TestContext;
let interpreter: Interpreter;

beforeEach(() => {
  context = clientContext();
  interpreter = new Interpreter(context, SETTINGS);
});

const restart = (settings = SETTINGS) => {
  interpreter = new Interpreter(context, settings);
};

/** The readings of a telegram with these objects beside the power. */
function read(...objects: string[]): Reading[] {
  const text = ['/FLU5\\1', '', '0-0:1.0.0(260115120000W)', '1-0:1.7.0(00.500*kW)', ...objects, '!'].join('\r\n');
  const items = interpreter.interpret({ kind: 'frame', frame: { telegram: closeTelegram(text) } }, RECEIVED);
  return items.map((item) => {
    assert(item.kind === 'reading');
    return item;
  });
}

/** What came with a telegram that was measured at another time, in short. */
const ownOf = (...objects: string[]) =>
  read(...objects)
    .slice(1)
    .map(({ measuredAt, timing, values }) => {
      assert.equal(timing, 'own');
      assert(measuredAt !== undefined);
      return [
        new Date(measuredAt).toISOString(),
        Object.fromEntries(Object.entries(values).filter(([path]) => !path.endsWith('-at'))),
      ];
    });

const gas = (channel: number, id: string, stamp: string, volume: string) => [
  `0-${channel}:24.1.0(003)`,
  `0-${channel}:96.1.0(${id})`,
  `0-${channel}:24.2.1(${stamp})(${volume})`,
];

test('a sub-meter is a node of its own, whose readings have their own time', () => {
  const [said, own, ...others] = read(...gas(1, G001, '260115110000W', '00066.405*m3'), '0-1:24.4.0(1)', '0-1:96.1.2(353431)');
  assert.deepEqual(others, []);
  assert(said && own);
  assert.equal(said.measuredAt, Date.parse('2026-01-15T11:00Z'));
  assert.deepEqual(said.values, {
    'power/current-usage': 500,
    'gas/valve': 1,
    'gas/serial-number': 'G001',
    'gas/ean': '541',
    'gas/channel': 1,
  });
  assert.equal(own.measuredAt, Date.parse('2026-01-15T10:00Z'));
  assert.deepEqual(own.values, { 'gas/volume': 66.405, 'gas/measured-at': '2026-01-15T10:00:00.000Z' });
  assert.equal(own.device, said.device);
  assert.equal(own.device.nodes.gas?.serial, 'G001');
  assert.deepEqual(own.device.nodes.gas.properties.volume, {
    name: 'Volume',
    datatype: 'float',
    unit: 'm³',
    quantity: 'gas',
    kind: 'total',
  });
});

test('a reading of a sub-meter is told once, and again when its time changes', () => {
  const first = gas(1, G001, '260115110000W', '00066.405*m3');
  assert.deepEqual(ownOf(...first), [['2026-01-15T10:00:00.000Z', { 'gas/volume': 66.405 }]]);
  assert.deepEqual(ownOf(...first), []);
  assert.deepEqual(ownOf(...gas(1, G001, '260115120000W', '00066.405*m3')), [
    ['2026-01-15T11:00:00.000Z', { 'gas/volume': 66.405 }],
  ]);
});

test('the last reading is told again after a restart, for whoever listens from then on', () => {
  const first = gas(1, G001, '260115110000W', '00066.405*m3');
  ownOf(...first);
  restart();
  assert.deepEqual(ownOf(...first), [['2026-01-15T10:00:00.000Z', { 'gas/volume': 66.405 }]]);
});

const kinds = [
  ['002', '000123.456*kWh', 'electricity/energy', 123_456],
  ['003', '00066.405*m3', 'gas/volume', 66.405],
  ['004', '240.860*GJ', 'heat/energy', 240.86],
  ['006', '00012.345*m3', 'warm-water/volume', 12.345],
  ['007', '00872.234*m3', 'water/volume', 872.234],
  ['008', '00042', 'heat-cost/units', 42],
  ['00A', '1.5*GJ', 'cooling/energy', 1.5],
  ['00C', '00001.500*m3', 'heat/volume', 1.5],
] as const;

for (const [type, content, path, value] of kinds) {
  test(`device type ${type} in ${content} is ${path}`, () => {
    const own = ownOf(`0-2:24.1.0(${type})`, `0-2:96.1.0(${G001})`, `0-2:24.2.1(260115110000W)(${content})`);
    assert.deepEqual(own, [['2026-01-15T10:00:00.000Z', { [path]: value }]]);
  });
}

test('a second live meter of a kind has a number', () => {
  const own = ownOf(...gas(1, G001, '260115110000W', '1.000*m3'), ...gas(2, G002, '260115110000W', '2.000*m3'));
  assert.deepEqual(own, [
    ['2026-01-15T10:00:00.000Z', { 'gas/volume': 1 }],
    ['2026-01-15T10:00:00.000Z', { 'gas-2/volume': 2 }],
  ]);
});

test('a meter keeps its node when its channel changes, also over a restart', () => {
  ownOf(...gas(1, G001, '260115110000W', '1.000*m3'), ...gas(2, G002, '260115110000W', '2.000*m3'));
  restart();
  const own = ownOf(...gas(1, G002, '260115120000W', '2.500*m3'), ...gas(2, G001, '260115120000W', '1.500*m3'));
  assert.deepEqual(own, [
    ['2026-01-15T11:00:00.000Z', { 'gas-2/volume': 2.5 }],
    ['2026-01-15T11:00:00.000Z', { 'gas/volume': 1.5 }],
  ]);
  assert.deepEqual(context.log.of('info').slice(2), [
    'gas-2: meter G002 went from channel 2 to 1',
    'gas: meter G001 went from channel 1 to 2',
  ]);
});

test('a replacement takes over the node, and the removed meter, whose channel stays, is not published', () => {
  ownOf(...gas(1, G001, '260115110000W', '1234.000*m3'));
  const removed = ['0-1:24.1.0(003)', '0-1:96.1.0()', '0-1:24.2.1(700101010000W)(00000000)'];
  const [said, own, ...others] = read(...removed, ...gas(2, G002, '260115120000W', '0.010*m3'));
  assert.deepEqual(others, []);
  assert.equal(own?.values['gas/volume'], 0.01);
  assert.equal(said?.device.nodes.gas?.serial, 'G002');
  assert.deepEqual(Object.keys(said.device.nodes), ['power', 'gas']);
  assert.deepEqual(context.log.of('info'), [
    'gas: meter G001 on channel 1',
    'gas: meter G002 on channel 2 takes the place of meter G001',
    'the gas meter on channel 1 has no reading and is left out',
  ]);
});

test('a removed meter whose last reading stands still is told from a live one by its age', () => {
  ownOf(...gas(1, G001, '260115080000W', '1234.000*m3'));
  const own = ownOf(...gas(1, G001, '260115080000W', '1234.000*m3'), ...gas(2, G002, '260115110000W', '0.010*m3'));
  assert.deepEqual(own, [['2026-01-15T10:00:00.000Z', { 'gas/volume': 0.01 }]]);
});

test('a meter that is missing in one telegram is the same in the next', () => {
  const both = [...gas(1, G001, '260115110000W', '1.000*m3'), ...gas(2, G002, '260115110000W', '2.000*m3')];
  ownOf(...both);
  ownOf(...gas(2, G002, '260115120000W', '2.500*m3'));
  assert.deepEqual(ownOf(...gas(1, G001, '260115120000W', '1.500*m3'), ...gas(2, G002, '260115120000W', '2.500*m3')), [
    ['2026-01-15T11:00:00.000Z', { 'gas/volume': 1.5 }],
  ]);
});

for (const [what, stamp, content] of [
  ['1970', '700101010000W', '00000000'],
  ['the M-Bus invalid', '632525252525W', '00000.000'],
  ['2000', '000101000000W', '00000.000*m3'],
] as const) {
  test(`a stamp of ${what} says that there is no reading`, () => {
    const [said, ...own] = read(...gas(1, G001, stamp, content));
    assert.deepEqual(own, []);
    assert.deepEqual(said?.values, { 'power/current-usage': 500 });
  });
}

test('a known meter without a reading for now keeps its node and says what else it knows', () => {
  read(...gas(1, G001, '260115110000W', '1.000*m3'), '0-1:24.4.0(1)');
  const [said, ...own] = read(...gas(1, G001, '632525252525W', '00000.000'), '0-1:24.4.0(0)');
  assert.deepEqual(own, []);
  assert.equal(said?.values['gas/valve'], 0);
});

test('DSMR 3 has stamps without a letter, and a value in the next line', () => {
  const own = ownOf('0-1:24.1.0(3)', `0-1:96.1.0(${G001})`, '0-1:24.3.0(120517020000)(08)(60)(1)(0-1:24.2.1)(m3)', '(00124.477)');
  assert.deepEqual(own, [['2012-05-17T00:00:00.000Z', { 'gas/volume': 124.477 }]]);
});

test('a broken memory of sub-meters is none', () => {
  context.state.set('sub-meters', [{ id: 'gas-9', kind: 'water', channel: 1 }, 7, { id: 'gas', kind: 'gas' }]);
  restart();
  assert.deepEqual(ownOf(...gas(1, G001, '260115110000W', '1.000*m3')), [['2026-01-15T10:00:00.000Z', { 'gas/volume': 1 }]]);
});

test("this month's peak has its own time, and is told when it changes", () => {
  const peak = '1-0:1.6.0(260109134500W)(02.589*kW)';
  assert.deepEqual(ownOf(peak), [['2026-01-09T12:45:00.000Z', { 'demand/peak': 2589 }]]);
  assert.deepEqual(ownOf(peak), []);
  assert.deepEqual(ownOf('1-0:1.6.0(632525252525W)(00.000*kW)'), []);
});

test('stored peaks go by their month, newest first, in whatever order they are sent; a month without one has none', () => {
  const list =
    '0-0:98.1.0(3)(1-0:1.6.0)(1-0:1.6.0)(251101000000W)(251016130000S)(04.927*kW)(251201000000W)(632525252525W)(00.000*kW)(260101000000W)(251224183000W)(03.100*kW)';
  assert.deepEqual(ownOf(list), [
    ['2025-12-24T17:30:00.000Z', { 'peaks/month-1': 3100 }],
    ['2025-10-16T11:00:00.000Z', { 'peaks/month-3': 4927 }],
  ]);
  assert.deepEqual(ownOf(list), []);
});

test('the running quarter is projected from the first telegram on', () => {
  const [said] = read('1-0:1.4.0(00.100*kW)', '1-0:1.6.0(260109134500W)(02.589*kW)');
  assert.equal(said?.values['demand/projected'], 600);
  assert.equal(said.values['demand/warning'], false);
});

test('long power failures are JSON; a time that is none is null', () => {
  const [said] = read('1-0:99.97.0(2)(0-0:96.7.19)(101208152415W)(0000000240*s)(000101000001W)(2147483647*s)');
  assert.equal(
    said?.values['quality/failure-log'],
    '[{"ended":"2010-12-08T14:24:15.000Z","seconds":240},{"ended":null,"seconds":2147483647}]',
  );
});

test('what has no row is published as it is where settings ask for it', () => {
  restart({ ...SETTINGS, raw: true });
  const [said] = read('1-0:99.9.9(12)(34*x)', '0-0:17.0.0(77.376)');
  assert.deepEqual(said?.values, { 'power/current-usage': 500, 'raw/1-0-99-9-9': '12)(34*x', 'raw/0-0-17-0-0': '77.376' });
  assert.equal(said.device.nodes.raw?.properties['1-0-99-9-9']?.name, '1-0:99.9.9');
});

test('another meter on the cable has another serial number', () => {
  assert.equal(read('0-0:96.1.1(41303031)')[0]?.device.serial, 'A001');
  assert.equal(read('0-0:96.1.1(41303032)')[0]?.device.serial, 'A002');
});

test('a meter that has no serial number goes by its logical device name', () => {
  assert.equal(read('0-0:42.0.0(53414731)')[0]?.device.serial, 'SAG1');
});
