import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QUANTITIES } from '../../../src/model/quantity.js';
import { convert, UNITS } from '../../../src/model/unit.js';

test('values shift within a family of units', () => {
  assert.equal(convert({ integer: 326641, exponent: -3 }, 'kWh', 'Wh'), 326641);
  assert.equal(convert({ integer: 55006, exponent: -3 }, 'MWh', 'kWh'), 55006);
  assert.equal(convert({ integer: 831403, exponent: -3 }, 'm³', 'l'), 831403);
  assert.equal(convert({ integer: 7, exponent: 0 }, 'm³/h', 'l/h'), 7000);
  assert.equal(convert({ integer: 2500, exponent: 0 }, 'W', 'kW'), 2.5);
});

test('values of different families do not shift', () => {
  assert.equal(convert({ integer: 1, exponent: 0 }, 'GJ', 'kWh'), undefined);
  assert.equal(convert({ integer: 1, exponent: 0 }, 'W', 'Wh'), undefined);
});

test('units have the code points that consumers compare', () => {
  assert.ok('\u00b0C' in UNITS);
  assert.ok('m\u00b3' in UNITS);
});

test('every unit belongs to a quantity', () => {
  const families = new Set<string>(Object.values(QUANTITIES).flat());
  for (const [unit, { family }] of Object.entries(UNITS)) assert.ok(families.has(family), unit);
});
