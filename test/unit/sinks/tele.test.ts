import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Device } from '../../../src/model/device.js';
import { electricityMeter } from '../../../src/model/models/electricity-meter.js';
import type { Values } from '../../../src/model/reading.js';
import { meterNode } from '../../../src/pipeline/meter-node.js';
import { teleLayout } from '../../../src/sinks/tele.js';

const DEVICE: Device = {
  id: 'house',
  name: 'House',
  nodes: { ...electricityMeter, meter: meterNode({ 'meter/model': '' }) },
};
/** Thursday, 15 January 2026, 12:00:00 in Budapest. */
const NOON = Date.UTC(2026, 0, 15, 11);

/** The message as a consumer gets it. */
function messageOf(
  values: Values,
  more: { readonly arrayAlways?: boolean; readonly measuredAt?: number } = { measuredAt: NOON },
): unknown {
  const { arrayAlways = false, ...time } = more;
  const layout = teleLayout({ timeZone: 'Europe/Budapest', arrayAlways });
  return JSON.parse(JSON.stringify(layout({ device: DEVICE, values, ...time })));
}

/** What a three-phase meter of three tariffs says, with made-up numbers. */
const FULL: Values = {
  'meter/model': 'ABC5"\\x',
  'identity/logical-device-name': 'ABC0000000000001',
  'identity/equipment-id': '0000001',
  'tariff/current': 2,
  'supply/breaker': 1,
  'supply/limit': 90_000,
  'energy/imported-total': 1_234_567,
  'energy/used-tariff-1': 1_000_567,
  'energy/used-tariff-2': 234_000,
  'energy/used-tariff-3': 0,
  'energy/delivered-total': 4_001,
  'energy/delivered-tariff-1': 4_000,
  'energy/delivered-tariff-2': 1,
  'energy/reactive-imported-total': 12_345,
  'energy/reactive-exported-total': 6_789,
  'energy/reactive-q1-total': 1,
  'energy/reactive-q2-total': 20,
  'energy/reactive-q3-total': 300,
  'energy/reactive-q4-total': 4_000,
  'energy/absolute-total': 1_238_568,
  'grid/voltage-l1': 230.14,
  'grid/voltage-l2': 229.96,
  'grid/voltage-l3': 231,
  'grid/current-l1': 1.6,
  'grid/current-l2': 0,
  'grid/current-l3': 2,
  'power/factor': 0.9876,
  'power/factor-l1': 1,
  'power/factor-l2': 0.5,
  'power/factor-l3': 0.123,
  'grid/frequency': 49.987,
  'power/current-usage': 621,
  'power/current-delivery': 0,
  'power/reactive-q1': 1,
  'power/reactive-q2': 22,
  'power/reactive-q3': 333,
  'power/reactive-q4': 4_444,
  'month-end/measured-at': '2026-06-30T22:00:00.000Z',
  'month-end/imported-total': 1_100_000,
  'month-end/used-tariff-1': 900_000,
  'month-end/used-tariff-2': 200_000,
  'month-end/delivered-total': 3_000,
  'month-end/delivered-tariff-1': 2_000,
  'month-end/delivered-tariff-2': 1_000,
  'month-end/reactive-imported-total': 500,
  'month-end/reactive-exported-total': 600,
  'month-end/reactive-q1-total': 1,
  'month-end/reactive-q2-total': 2,
  'month-end/reactive-q3-total': 3,
  'month-end/reactive-q4-total': 4,
  'month-end/absolute-total': 1_103_000,
  'month-end/peak-import': 5_000,
  'month-end/peak-import-tariff-1': 4_000,
  'month-end/peak-import-tariff-2': 3_000,
  'month-end/peak-export': 2_000,
  'month-end/peak-export-tariff-1': 1_000,
  'month-end/peak-export-tariff-2': 0,
  'messages/text': 'línea 1\nline "2"',
};

test('a meter that says everything fills every key, in the order and the units of the layout', () => {
  const message = messageOf(FULL);
  const expected = {
    MeterName: 'ABC5"\\x',
    CosemName: 'ABC0000000000001',
    MeterID: '0000001',
    Time: '260115120000W',
    Tariff: 2,
    State: 1,
    MaxPower: 90,
    ImportPower: [1234.567, 1000.567, 234, 0],
    ExportPower: [4.001, 4, 0.001],
    ImportReactivePower: 12.345,
    ExportReactivePower: 6.789,
    ReactivePower: [0.001, 0.02, 0.3, 4],
    EffectivePower: 1238.568,
    Voltage: [230.1, 230, 231],
    Current: [2, 0, 2],
    PowerFactor: 0.988,
    PowerFactorsByPhase: [1, 0.5, 0.123],
    Frequency: 49.99,
    CurrentImport: 0.621,
    CurrentExport: 0,
    CurrentReactivePower: [0.001, 0.022, 0.333, 4.444],
    LastMonth: {
      Time: '260701000000S',
      ImportPower: [1100, 900, 200],
      ExportPower: [3, 2, 1],
      ImportReactivePower: 0.5,
      ExportReactivePower: 0.6,
      ReactivePower: [0.001, 0.002, 0.003, 0.004],
      EffectivePower: 1103,
      MaxImport: [5, 4, 3],
      MaxExport: [2, 1, 0],
    },
    Message: 'línea 1\nline "2"',
  };
  assert.deepEqual(message, expected);
  assert.deepEqual(Object.keys(message as object), Object.keys(expected));
});

test('every path of the layout is one that an electricity meter has', () => {
  const paths = Object.entries(DEVICE.nodes).flatMap(([node, { properties }]) =>
    Object.keys(properties).map((id) => `${node}/${id}`),
  );
  assert.deepEqual(
    Object.keys(FULL).filter((path) => !paths.includes(path)),
    [],
  );
});

test('what the telegram lacks is left out, keys and all', () => {
  assert.deepEqual(messageOf({ 'power/current-usage': 621 }, {}), { CurrentImport: 0.621 });
});

const ONE_PHASE: Values = {
  'energy/imported-total': 5_000,
  'energy/used-tariff-1': 0,
  'energy/delivered-total': 0,
  'grid/voltage-l1': 230,
  'grid/current-l1': 1,
};

test('one tariff and one phase are numbers', () => {
  const { ImportPower, ExportPower, Voltage, Current } = messageOf(ONE_PHASE) as Record<string, unknown>;
  assert.deepEqual({ ImportPower, ExportPower, Voltage, Current }, { ImportPower: 5, ExportPower: 0, Voltage: 230, Current: 1 });
});

test('with array_always they are arrays', () => {
  const { ImportPower, ExportPower, Voltage, Current } = messageOf(ONE_PHASE, { arrayAlways: true }) as Record<string, unknown>;
  assert.deepEqual(
    { ImportPower, ExportPower, Voltage, Current },
    { ImportPower: [5, 0], ExportPower: [0], Voltage: [230], Current: [1] },
  );
});

test('times are those of the meter, with the letter of summer and winter', () => {
  const timeAt = (measuredAt: number): unknown => (messageOf({}, { measuredAt }) as Record<string, unknown>).Time;
  assert.equal(timeAt(Date.UTC(2026, 9, 25, 0, 30)), '261025023000S');
  assert.equal(timeAt(Date.UTC(2026, 9, 25, 1, 30)), '261025023000W');
});
