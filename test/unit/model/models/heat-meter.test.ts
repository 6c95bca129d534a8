import assert from 'node:assert/strict';
import { test } from 'node:test';
import { propertyAt } from '../../../../src/model/device.js';
import { heatMeter } from '../../../../src/model/models/heat-meter.js';
import { REGISTERS } from '../../../../src/clients/kamstrup/map.js';

test('the topics, units and registers that users have built on', () => {
  const rows = REGISTERS.map(({ id, to }) => {
    const property = propertyAt(heatMeter, to);
    return [id, to, property?.datatype, property?.unit];
  });
  assert.deepEqual(rows, [
    [60, 'energy/imported-total', 'float', 'kWh'],
    [68, 'flow/volume', 'float', 'm³'],
    [74, 'flow/flow', 'float', 'l/h'],
    [80, 'power/current-usage', 'float', 'kW'],
    [86, 'temperatures/temp1', 'float', '°C'],
    [87, 'temperatures/temp2', 'float', '°C'],
    [89, 'temperatures/temp-diff', 'float', 'K'],
    [1004, 'ops/hour-counter', 'integer', 'h'],
  ]);
});
