import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openhabFiles } from '../../../src/commands/openhab.js';
import type { Device } from '../../../src/model/device.js';
import { electricityMeter } from '../../../src/model/models/electricity-meter.js';
import { heatMeter } from '../../../src/model/models/heat-meter.js';
import { mqttSettings } from '../../support/mqtt-homie.js';
import { parseItems, parseThings } from '../../support/openhab-files.js';

const HOMIE = { root: 'homie', mqtt: mqttSettings('mqtt://broker.house') };
const DEVICE: Device = { id: 'heat-1', name: 'The "heat" meter', nodes: heatMeter };

test('the things are the broker, and the device below it', () => {
  assert.deepEqual(parseThings(openhabFiles(DEVICE, HOMIE).things), [
    {
      kind: 'Bridge',
      uid: 'mqtt:broker:meters',
      label: 'Broker',
      bridge: undefined,
      parameters: { host: 'broker.house', port: 1883, secure: false },
    },
    {
      kind: 'Thing',
      uid: 'homie:device:meters:heat-1',
      label: 'The "heat" meter',
      bridge: 'mqtt:broker:meters',
      parameters: { deviceid: 'heat-1', basetopic: 'homie' },
    },
  ]);
});

test('a broker with TLS and a user; the password is left to the reader', () => {
  const mqtt = mqttSettings('mqtts://broker.house', { username: 'oh', password: 'secret-of-the-house' });
  const { things, items } = openhabFiles(DEVICE, { root: 'cellar', mqtt });
  const [broker, thing] = parseThings(things);
  assert.deepEqual(broker?.parameters, { host: 'broker.house', port: 8883, secure: true, username: 'oh', password: '…' });
  assert.equal(thing?.parameters.basetopic, 'cellar');
  assert.doesNotMatch(things + items, /secret/);
});

test('every property is an item of its type, with its channel and its unit', () => {
  const items = parseItems(openhabFiles(DEVICE, HOMIE).items);
  assert.deepEqual(items[0], { type: 'Group', name: 'heat_1', label: 'The "heat" meter', groups: [], metadata: {} });
  const named = (name: string) => items.find((item) => item.name === `heat_1_${name}`);
  assert.deepEqual(named('energy_imported_total'), {
    type: 'Number:Energy',
    name: 'heat_1_energy_imported_total',
    label: 'Heat energy [%.3f %unit%]',
    groups: ['heat_1'],
    metadata: { channel: 'homie:device:meters:heat-1:energy#imported_2Dtotal', unit: 'kWh' },
  });
  assert.equal(named('temperatures_temp_diff')?.metadata.unit, 'K');
  assert.equal(named('flow_flow')?.type, 'Number:VolumetricFlowRate');
  assert.equal(named('ops_hour_counter')?.label, 'Hour counter [%.0f %unit%]');
});

test('a unit that openHAB does not parse makes a plain number', () => {
  const total = { ...heatMeter.energy.properties['imported-total'], unit: 'Gcal' } as const;
  const device = { ...DEVICE, nodes: { energy: { ...heatMeter.energy, properties: { total } } } };
  const [, item] = parseItems(openhabFiles(device, HOMIE).items);
  assert.equal(item?.type, 'Number');
  assert.equal(item.label, 'Heat energy [%.3f Gcal]');
  assert.deepEqual(Object.keys(item.metadata), ['channel']);
});

test('all that an electricity meter can show can be read by openHAB, under names and channels of its own', () => {
  const items = parseItems(openhabFiles({ id: '1-meter', name: 'Meter', nodes: electricityMeter }, HOMIE).items).slice(1);
  const properties = Object.values(electricityMeter).flatMap((node) => Object.keys(node.properties));
  assert.equal(items.length, properties.length);
  assert.equal(new Set(items.map(({ name }) => name)).size, items.length);
  assert.equal(new Set(items.map(({ metadata }) => metadata.channel)).size, items.length);
});
