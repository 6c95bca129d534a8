import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathsOf, propertyAt } from '../../../../src/model/device.js';
import { CATALOGUE, electricityMeter } from '../../../../src/model/models/electricity-meter.js';
import { QUANTITIES } from '../../../../src/model/quantity.js';
import { UNITS } from '../../../../src/model/unit.js';

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

test('energy is a total, and a whole number of Wh, varh or VAh', () => {
  for (const property of Object.values(electricityMeter.energy?.properties ?? {})) {
    assert.equal(property.kind, 'total');
    assert.equal(property.datatype, 'integer');
    assert.match(property.unit ?? '', /^(Wh|varh|VAh)$/);
  }
});

test('power is a snapshot, and a whole number of W, var or VA', () => {
  for (const [id, { kind, datatype, unit }] of Object.entries(electricityMeter.power?.properties ?? {})) {
    assert.equal(kind, 'instant');
    if (id.startsWith('factor')) continue;
    assert.equal(datatype, 'integer');
    assert.match(unit ?? '', /^(W|var|VA)$/);
  }
});

test('every unit fits what is measured', () => {
  for (const path of pathsOf(electricityMeter)) {
    const property = propertyAt(electricityMeter, path);
    assert(property);
    const families: readonly string[] = QUANTITIES[property.quantity];
    assert.equal(
      property.unit === undefined ? families.length === 0 : families.includes(UNITS[property.unit].family),
      true,
      path,
    );
  }
});

test('ids are those of Homie', () => {
  for (const path of pathsOf(electricityMeter))
    assert.match(path, /^[a-z0-9]([a-z0-9-]*[a-z0-9])?\/[a-z0-9]([a-z0-9-]*[a-z0-9])?$/);
});

test('every row says where it is from, and a property that two objects share is the same for both', () => {
  for (const { node, property, obis: _, source, timeProperty: __, ...declared } of CATALOGUE) {
    assert.notEqual(source, '');
    assert.deepEqual(declared, electricityMeter[node]?.properties[property], `${node}/${property}`);
  }
});

test('an object belongs to several properties only where their units tell which, or one is a number and one a text', () => {
  const families = new Map<string, Set<string>>();
  for (const { obis, unit, datatype, property } of CATALOGUE) {
    if (obis === undefined || property.startsWith('fuse-')) continue;
    const known = families.get(obis) ?? new Set();
    const family = unit === undefined ? datatype : UNITS[unit].family;
    assert.equal(known.has(family), false, obis);
    families.set(obis, known.add(family));
  }
});
