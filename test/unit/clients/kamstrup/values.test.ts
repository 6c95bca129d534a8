import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measure, nodesOf } from '../../../../src/clients/kamstrup/values.js';
import type { Register } from '../../../../src/codecs/kmp/register.js';

function register(id: number, unitCode: number, integer: number | bigint, exponent: number): Register {
  return { id, unitCode, value: { integer, exponent } };
}

const [WH, KWH, MWH, GJ, GCAL, W, KW, KELVIN, LITRE, M3, M3_PER_HOUR, HOURS, NUMBER, DATE] = [
  0x01, 0x02, 0x03, 0x08, 0x0c, 0x15, 0x16, 0x26, 0x27, 0x28, 0x2a, 0x2e, 0x33, 0x30,
];

test('units are shifted by powers of ten to those of the topics, decimal-exact', () => {
  const energy = (unit: number, integer: number, exponent: number): unknown =>
    measure([register(60, unit, integer, exponent)]).values['energy/imported-total'];
  assert.equal(energy(MWH, 55_006, -3), 55_006);
  assert.equal(energy(KWH, 435, -2), 4.35);
  assert.equal(energy(WH, 1_234_567, 1), 12_345.67);
  assert.deepEqual(
    measure([register(80, W, 6_400, 0), register(74, M3_PER_HOUR, 128, -3), register(68, LITRE, 831_259, 0)]).values,
    { 'power/current-usage': 6.4, 'flow/flow': 128, 'flow/volume': 831.259 },
  );
});

test('a negative temperature difference stays negative', () => {
  assert.deepEqual(measure([register(89, KELVIN, -13, -2)]).values, { 'temperatures/temp-diff': -0.13 });
});

test('energy in joules and calories keeps the unit in which the meter counts', () => {
  const joules = measure([register(60, GJ, 123_456, -2)]);
  assert.deepEqual(joules.values, { 'energy/imported-total': 1_234.56 });
  assert.deepEqual(joules.notes, ['energy/imported-total is published in GJ, as the meter counts it, not in kWh']);
  assert.equal(nodesOf(joules.units).energy?.properties['imported-total']?.unit, 'GJ');
  assert.equal(measure([register(60, GCAL, 5, 0)]).units['energy/imported-total'], 'Gcal');
});

test('a unit that does not fit leaves the value out and is told', () => {
  const { values, units, notes } = measure([register(60, KW, 5, 0), register(74, DATE, 5, 0), register(80, KW, 1, 0)]);
  assert.deepEqual(values, { 'power/current-usage': 1 });
  assert.deepEqual(units, { 'power/current-usage': 'kW' });
  assert.deepEqual(notes, [
    'register 60 (energy/imported-total) is left out: the meter sends it in kW',
    'register 74 (flow/flow) is left out: the meter sends it in date yy:mm:dd',
  ]);
});

test('hours come in hours or, from a Multical 21, as a number; other registers never as a number', () => {
  assert.deepEqual(measure([register(1004, HOURS, 16_411, 0)]).values, { 'ops/hour-counter': 16_411 });
  assert.deepEqual(measure([register(1004, NUMBER, 54_888, 0)]).values, { 'ops/hour-counter': 54_888 });
  assert.deepEqual(measure([register(68, NUMBER, 54_888, 0)]).values, {});
});

test('only full hours are counted', () => {
  assert.deepEqual(measure([register(1004, HOURS, 164_119, -1)]).values, { 'ops/hour-counter': 16_411 });
});

test('registers are matched by their ids, whatever their order, and those nobody asked for are passed over', () => {
  assert.deepEqual(measure([register(99, NUMBER, 3, 0), register(68, M3, 2, 0), register(60, KWH, 1, 0)]).values, {
    'flow/volume': 2,
    'energy/imported-total': 1,
  });
});

test('the tree holds what was measured and nothing else', () => {
  const nodes = nodesOf(measure([register(60, KWH, 1, 0), register(68, M3, 2, 0)]).units);
  assert.deepEqual(
    Object.entries(nodes).map(([id, { properties }]) => [id, ...Object.keys(properties)]),
    [
      ['energy', 'imported-total'],
      ['flow', 'volume'],
    ],
  );
});
