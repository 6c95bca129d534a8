import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Device } from '../../../../src/model/device.js';
import { describe, describeValues, STATES } from '../../../../src/sinks/homie/describe.js';

const DEVICE: Device = {
  id: 'heat-1',
  name: 'Wärmezähler',
  nodes: {
    temperatures: {
      name: 'Temperatures',
      type: 'temperature',
      properties: {
        temp1: { name: 'Flow', datatype: 'float', unit: '°C', quantity: 'temperature', kind: 'instant' },
        'temp-diff': { name: 'Difference', datatype: 'float', unit: 'K', quantity: 'temperature-difference', kind: 'instant' },
      },
    },
    meter: {
      name: 'Meter',
      type: 'meter',
      properties: {
        status: { name: 'Status', datatype: 'string', quantity: 'text', kind: 'state' },
        readings: { name: 'Readings', datatype: 'integer', quantity: 'count', kind: 'total' },
        leaking: { name: 'Leak', datatype: 'boolean', quantity: 'code', kind: 'state' },
      },
    },
  },
};

function lines(messages: readonly { subtopic: string; payload: string }[]): string[] {
  return messages.map(({ subtopic, payload }) => `${subtopic} = ${payload}`);
}

test('a device describes itself with every attribute of Homie 4.0.0, children before the lists that announce them', () => {
  assert.deepEqual(lines(describe(DEVICE, 'smart-meter-reader 0.1.0')), [
    '$homie = 4.0.0',
    '$name = Wärmezähler',
    '$extensions = org.homie.legacy-stats:0.1.1:[4.x]',
    '$implementation = smart-meter-reader 0.1.0',
    '$stats/interval = 60',
    'temperatures/temp1/$name = Flow',
    'temperatures/temp1/$datatype = float',
    'temperatures/temp1/$unit = °C',
    'temperatures/temp1/$settable = false',
    'temperatures/temp1/$retained = true',
    'temperatures/temp-diff/$name = Difference',
    'temperatures/temp-diff/$datatype = float',
    'temperatures/temp-diff/$unit = K',
    'temperatures/temp-diff/$settable = false',
    'temperatures/temp-diff/$retained = true',
    'temperatures/$name = Temperatures',
    'temperatures/$type = temperature',
    'temperatures/$properties = temp1,temp-diff',
    'meter/status/$name = Status',
    'meter/status/$datatype = string',
    'meter/status/$settable = false',
    'meter/status/$retained = true',
    'meter/readings/$name = Readings',
    'meter/readings/$datatype = integer',
    'meter/readings/$settable = false',
    'meter/readings/$retained = true',
    'meter/leaking/$name = Leak',
    'meter/leaking/$datatype = boolean',
    'meter/leaking/$settable = false',
    'meter/leaking/$retained = true',
    'meter/$name = Meter',
    'meter/$type = meter',
    'meter/$properties = status,readings,leaking',
    '$nodes = temperatures,meter',
  ]);
});

test('the degree sign is U+00B0 in two bytes, which is what consumers parse', () => {
  const unit = describe(DEVICE, 'x').find(({ subtopic }) => subtopic === 'temperatures/temp1/$unit');
  assert.deepEqual([...Buffer.from(unit?.payload ?? '')], [0xc2, 0xb0, 0x43]);
});

test('values are plain decimal digits, true or false, or text, in the order of the tree', () => {
  const values = { 'meter/leaking': false, 'meter/readings': 1e21, 'temperatures/temp1': 5e-7, 'meter/status': 'ok' };
  assert.deepEqual(lines(describeValues(DEVICE, values)), [
    'temperatures/temp1 = 0.0000005',
    'meter/status = ok',
    'meter/readings = 1000000000000000000000',
    'meter/leaking = false',
  ]);
});

test('zero is a value, a value that is not known is not published', () => {
  assert.deepEqual(lines(describeValues(DEVICE, { 'meter/readings': 0 })), ['meter/readings = 0']);
});

test('a value that the tree has no property for is not published', () => {
  assert.deepEqual(lines(describeValues(DEVICE, { 'meter/colour': 'red', 'roof/temp1': 4 })), []);
});

test('an empty text becomes one blank, since an empty retained message would delete the topic', () => {
  assert.deepEqual(lines(describeValues(DEVICE, { 'meter/status': '' })), ['meter/status =  ']);
});

test('a meter that is waited for is init, a fresh one ready, one that says nothing usable alert', () => {
  assert.deepEqual(STATES, { waiting: 'init', ok: 'ready', silent: 'alert', failing: 'alert' });
});
