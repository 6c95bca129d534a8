import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Device, Node, Property } from '../../../../src/model/device.js';
import { describe, discoveryTopic, withoutComponents, type Component } from '../../../../src/sinks/home-assistant/describe.js';

const STATE = 'homie/heat-1/$state';
const WHILE_READY = { topic: STATE, value_template: "{{ 'online' if value in ['ready'] else 'offline' }}" };
const WHILE_PRESENT = { topic: STATE, value_template: "{{ 'online' if value in ['init', 'ready', 'alert'] else 'offline' }}" };

const DEVICE: Device = {
  id: 'heat-1',
  name: 'Wärmezähler',
  manufacturer: 'Kamstrup',
  model: 'Multical 403',
  serial: '76543210',
  nodes: {
    energy: node('Energy', {
      'imported-total': { name: 'Heat energy', datatype: 'float', unit: 'kWh', quantity: 'energy', kind: 'total' },
    }),
    temperatures: node('Temperatures', {
      'temp-diff': { name: 'Difference', datatype: 'float', unit: 'K', quantity: 'temperature-difference', kind: 'instant' },
    }),
    flow: node('Flow', { flow: { name: 'Flow', datatype: 'float', unit: 'l/h', quantity: 'flow', kind: 'instant' } }),
    ops: node('Operation', {
      'hour-counter': { name: 'Hours', datatype: 'integer', unit: 'h', quantity: 'duration', kind: 'total', diagnostic: true },
    }),
    meter: node('Meter', {
      status: { name: 'Status', datatype: 'string', quantity: 'text', kind: 'state', diagnostic: true },
      'measured-at': { name: 'Measured at', datatype: 'string', quantity: 'time', kind: 'state', diagnostic: true },
      leaking: { name: 'Leak', datatype: 'boolean', quantity: 'code', kind: 'state' },
    }),
  },
};

function node(name: string, properties: Readonly<Record<string, Property>>): Node {
  return { name, type: name.toLowerCase(), properties };
}

const announce = (device: Device, root = 'homie') => describe(device, { root, implementation: 'smart-meter-reader 0.1.0' });

test('a device is announced with all of its properties and its state', () => {
  assert.deepEqual(announce(DEVICE), {
    device: {
      identifiers: ['heat-1'],
      name: 'Wärmezähler',
      manufacturer: 'Kamstrup',
      model: 'Multical 403',
      serial_number: '76543210',
    },
    origin: { name: 'smart-meter-reader', sw_version: '0.1.0' },
    qos: 1,
    availability: [WHILE_READY],
    components: {
      'energy_imported-total': {
        platform: 'sensor',
        name: 'Heat energy',
        unique_id: 'heat-1_energy_imported-total',
        state_topic: 'homie/heat-1/energy/imported-total',
        device_class: 'energy',
        state_class: 'total_increasing',
        unit_of_measurement: 'kWh',
      },
      'temperatures_temp-diff': {
        platform: 'sensor',
        name: 'Difference',
        unique_id: 'heat-1_temperatures_temp-diff',
        state_topic: 'homie/heat-1/temperatures/temp-diff',
        device_class: 'temperature_delta',
        state_class: 'measurement',
        unit_of_measurement: 'K',
      },
      flow_flow: {
        platform: 'sensor',
        name: 'Flow',
        unique_id: 'heat-1_flow_flow',
        state_topic: 'homie/heat-1/flow/flow',
        device_class: 'volume_flow_rate',
        state_class: 'measurement',
        unit_of_measurement: 'L/h',
      },
      'ops_hour-counter': {
        platform: 'sensor',
        name: 'Hours',
        unique_id: 'heat-1_ops_hour-counter',
        state_topic: 'homie/heat-1/ops/hour-counter',
        device_class: 'duration',
        state_class: 'total_increasing',
        unit_of_measurement: 'h',
        entity_category: 'diagnostic',
      },
      meter_status: {
        platform: 'sensor',
        name: 'Status',
        unique_id: 'heat-1_meter_status',
        state_topic: 'homie/heat-1/meter/status',
        value_template: '{{ value[:255] }}',
        entity_category: 'diagnostic',
        availability: [WHILE_PRESENT],
      },
      'meter_measured-at': {
        platform: 'sensor',
        name: 'Measured at',
        unique_id: 'heat-1_meter_measured-at',
        state_topic: 'homie/heat-1/meter/measured-at',
        device_class: 'timestamp',
        entity_category: 'diagnostic',
        availability: [WHILE_PRESENT],
      },
      meter_leaking: {
        platform: 'binary_sensor',
        name: 'Leak',
        unique_id: 'heat-1_meter_leaking',
        state_topic: 'homie/heat-1/meter/leaking',
        payload_on: 'true',
        payload_off: 'false',
        availability: [WHILE_PRESENT],
      },
      state: {
        platform: 'sensor',
        name: 'State',
        unique_id: 'heat-1_state',
        state_topic: STATE,
        device_class: 'enum',
        options: ['init', 'ready', 'alert', 'disconnected', 'lost'],
        entity_category: 'diagnostic',
        availability: [],
      },
    },
  });
});

test('what is gone is named with its platform alone, beside what is still there', () => {
  const config = announce(DEVICE);
  const { components } = withoutComponents(config, { gas_volume: 'sensor', gas_valve: 'binary_sensor' }) as typeof config;
  assert.deepEqual(components.gas_volume, { platform: 'sensor' });
  assert.deepEqual(components.gas_valve, { platform: 'binary_sensor' });
  assert.deepEqual(components.flow_flow, config.components.flow_flow);
});

test('a device below another root than the usual one is another device', () => {
  assert.equal(discoveryTopic('homeassistant', 'homie', 'heat-1'), 'homeassistant/device/heat-1/config');
  assert.equal(discoveryTopic('ha', 'cellar', 'heat-1'), 'ha/device/cellar-heat-1/config');
  const { device, components } = announce(DEVICE, 'cellar');
  assert.deepEqual(device.identifiers, ['cellar-heat-1']);
  assert.equal(components.flow_flow?.unique_id, 'cellar-heat-1_flow_flow');
  assert.equal(components.flow_flow.state_topic, 'cellar/heat-1/flow/flow');
});

const VOLUME: Property = { name: 'Volume', datatype: 'float', unit: 'm³', quantity: 'gas', kind: 'total' };
const names = (name: string, nodes: Device['nodes']): (string | null)[] =>
  Object.values<Component>(announce({ id: 'x', name, nodes }).components).map((component) => component.name);

test('of two properties with one name the node tells which is meant', () => {
  const nodes = {
    gas: node('Gas', { volume: VOLUME }),
    'gas-2': node('Gas 2', { volume: VOLUME, valve: { ...VOLUME, name: 'Valve' } }),
  };
  assert.deepEqual(names('House', nodes), ['Gas: Volume', 'Gas 2: Volume', 'Valve', 'State']);
});

test('the name of the device is not repeated', () => {
  const properties = { volume: { ...VOLUME, name: 'Gas meter: volume' }, total: { ...VOLUME, name: 'gas meter' } };
  assert.deepEqual(names('Gas meter', { gas: node('Gas', properties) }), ['volume', null, 'State']);
});
