import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Device } from '../../../src/model/device.js';
import { electricityMeter } from '../../../src/model/models/electricity-meter.js';
import type { Values } from '../../../src/model/reading.js';
import { byKeys, byNode } from '../../../src/sinks/layout.js';
import { teleLayout } from '../../../src/sinks/tele.js';

const DEVICE: Device = {
  id: 'house',
  name: 'House',
  nodes: {
    energy: {
      name: 'Energy',
      type: 'energy',
      properties: { total: { name: 'Total', datatype: 'integer', unit: 'Wh', quantity: 'energy', kind: 'total' } },
    },
    meter: {
      name: 'Meter',
      type: 'meter',
      properties: {
        status: { name: 'Status', datatype: 'string', quantity: 'text', kind: 'state' },
        leaking: { name: 'Leak', datatype: 'boolean', quantity: 'code', kind: 'state' },
      },
    },
  },
};

test('without keys, a message holds every known value below its node', () => {
  const values = { 'meter/leaking': false, 'meter/status': 'ok', 'energy/total': 0, 'roof/area': 5 };
  assert.equal(
    JSON.stringify(byNode({ device: DEVICE, values })),
    '{"energy":{"total":0},"meter":{"status":"ok","leaking":false}}',
  );
  assert.equal(JSON.stringify(byNode({ device: DEVICE, values: {} })), '{}');
});

test('keys say which values go out under which names, in which unit, and how exact', () => {
  const layout = byKeys({
    Import: { path: 'energy/total', unit: 'kWh', decimals: 2 },
    Exact: { path: 'energy/total', unit: 'MWh' },
    State: { path: 'meter/status' },
    Gas: { path: 'gas/volume' },
    Nonsense: { path: 'energy/total', unit: 'm³' },
  });
  const message = JSON.stringify(layout({ device: DEVICE, values: { 'energy/total': 12_345_678, 'meter/status': 'ok' } }));
  assert.equal(message, '{"Import":12345.68,"Exact":12.345678,"State":"ok"}');
});

test('a message is valid JSON whatever the meter says, without null', () => {
  const device = { ...DEVICE, nodes: electricityMeter };
  const paths = Object.entries(electricityMeter).flatMap(([node, { properties }]) =>
    Object.keys(properties).map((id) => `${node}/${id}`),
  );
  const value = fc.oneof(fc.string(), fc.boolean(), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }));
  const reading: fc.Arbitrary<Values> = fc.dictionary(fc.constantFrom(...paths), value);
  const keys = Object.fromEntries(paths.map((path) => [path, { path, unit: 'kWh' as const, decimals: 3 }]));
  const layouts = [byNode, byKeys(keys), teleLayout({ timeZone: 'Europe/Budapest', arrayAlways: false })];
  fc.assert(
    fc.property(reading, fc.constantFrom(...layouts), (values, layout) => {
      const text = JSON.stringify(layout({ device, values, measuredAt: 0 }), (_, each: unknown) => {
        assert.notEqual(each, null);
        if (typeof each === 'number') assert.ok(Number.isFinite(each));
        return each;
      });
      JSON.parse(text);
    }),
  );
});
