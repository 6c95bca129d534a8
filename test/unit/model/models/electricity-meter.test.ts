import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathsOf, propertyAt } from '../../../../src/model/device.js';
import { electricityMeter } from '../../../../src/model/models/electricity-meter.js';

test('the ids and units that home automations rely on', () => {
  const contract = {
    'energy/imported-total': 'Wh',
    'energy/used-tariff-1': 'Wh',
    'energy/used-tariff-2': 'Wh',
    'energy/delivered-tariff-1': 'Wh',
    'energy/delivered-tariff-2': 'Wh',
    'power/current-usage': 'W',
    'power/current-delivery': 'W',
  };
  const units = Object.fromEntries(Object.keys(contract).map((path) => [path, propertyAt(electricityMeter, path)?.unit]));
  assert.deepEqual(units, contract);
});

test('every property is an integer with a unit', () => {
  for (const path of pathsOf(electricityMeter)) {
    assert.equal(propertyAt(electricityMeter, path)?.datatype, 'integer');
    assert.notEqual(propertyAt(electricityMeter, path)?.unit, undefined);
  }
});

test('energy is a total and power a snapshot', () => {
  for (const path of pathsOf(electricityMeter)) {
    assert.equal(propertyAt(electricityMeter, path)?.kind, path.startsWith('energy/') ? 'total' : 'instant');
  }
});
