import assert from 'node:assert/strict';
import { test } from 'node:test';
import dummy from '../../../../src/clients/dummy/index.js';
import type { Device, Node, Nodes, Property } from '../../../../src/model/device.js';
import { electricityMeter } from '../../../../src/model/models/electricity-meter.js';
import { heatMeter } from '../../../../src/model/models/heat-meter.js';
import { counterOf, SUB_METER_KINDS, SUB_METER_PROPERTIES, subMeterNode } from '../../../../src/model/models/sub-meter.js';
import { QUANTITIES, type Quantity } from '../../../../src/model/quantity.js';
import { NO_FIGURES } from '../../../../src/model/reading.js';
import { UNITS, type Unit } from '../../../../src/model/unit.js';
import { healthValues, identityValues, meterNode, timeValues } from '../../../../src/pipeline/meter-node.js';
import { describe } from '../../../../src/sinks/home-assistant/describe.js';
import { clientContext } from '../../../support/client-context.js';
import { assertAccepted, suitsEnergyDashboard, type AnyComponent } from '../../../support/home-assistant.js';

/** The node `meter` with all that it can have. */
const METER = meterNode({
  ...healthValues('ok', NO_FIGURES),
  ...identityValues({ id: 'x', name: 'x', serial: '1', manufacturer: 'M', model: 'X', nodes: {} }),
  ...timeValues(0, 0, 0),
});

function announced(nodes: Nodes): Readonly<Record<string, AnyComponent>> {
  const device: Device = { id: 'house', name: 'House', nodes };
  const config = describe(device, { root: 'homie', implementation: 'smart-meter-reader 0.1.0' });
  assertAccepted(JSON.parse(JSON.stringify(config)) as Parameters<typeof assertAccepted>[0]);
  return config.components as unknown as Readonly<Record<string, AnyComponent>>;
}

test('Home Assistant accepts all that an electricity meter can show, and its energy goes into the Energy dashboard', () => {
  const components = announced({ ...electricityMeter, meter: METER });
  for (const id of [
    'imported-total',
    'delivered-total',
    'used-tariff-1',
    'used-tariff-2',
    'delivered-tariff-1',
    'delivered-tariff-2',
  ])
    assert.ok(suitsEnergyDashboard(components[`energy_${id}`] ?? {}, 'energy'), id);
  assert.equal(components['power_current-usage']?.device_class, 'power');
});

test('Home Assistant accepts all that a heat meter can show, and its energy goes into the Energy dashboard', () => {
  const components = announced({ ...heatMeter, meter: METER });
  assert.ok(suitsEnergyDashboard(components['energy_imported-total'] ?? {}, 'energy'));
  assert.equal(components.flow_flow?.unit_of_measurement, 'L/h');
  assert.equal(components.flow_volume?.device_class, 'volume');
});

test('Home Assistant accepts every meter that is read through another one, and its gas and water go into the Energy dashboard', () => {
  const units = [undefined, 'm³', 'Wh', 'GJ'] as const;
  const nodes = [...new Set(SUB_METER_KINDS.values())].flatMap((kind) =>
    units.flatMap((unit, index): [string, Node][] => {
      const counter = counterOf(kind, unit);
      if (!counter) return [];
      const properties = { ...SUB_METER_PROPERTIES, [counter.id]: counter.property };
      return [[`${kind.id}-${index}`, subMeterNode(kind, index, { serial: 'G0001', properties })]];
    }),
  );
  const components = announced(Object.fromEntries(nodes));
  for (const [id, component] of Object.entries(components)) {
    if (/^gas-\d_volume$/.test(id)) assert.ok(suitsEnergyDashboard(component, 'gas'), id);
    if (/^(warm-)?water-\d_volume$/.test(id)) assert.ok(suitsEnergyDashboard(component, 'water'), id);
    if (/_energy$/.test(id)) assert.ok(suitsEnergyDashboard(component, 'energy'), id);
  }
  assert.equal(components['gas-1_volume']?.unit_of_measurement, 'm³');
});

test('Home Assistant accepts a heat meter that counts in joules or calories', () => {
  for (const unit of ['GJ', 'Gcal'] as const) {
    const counter: Property = { ...heatMeter.energy.properties['imported-total'], unit };
    const components = announced({ energy: { ...heatMeter.energy, properties: { 'imported-total': counter } } });
    assert.ok(suitsEnergyDashboard(components['energy_imported-total'] ?? {}, 'energy'), unit);
  }
});

test('Home Assistant accepts the simulated household', async () => {
  const client = dummy.create({ interval: 1_000, seed: 1 }, clientContext());
  const stop = new AbortController();
  for await (const item of client.readings(stop.signal)) {
    assert.ok(item.kind === 'reading');
    const components = announced({ ...item.device.nodes, meter: METER });
    assert.ok(suitsEnergyDashboard(components['energy_imported-total'] ?? {}, 'energy'));
    stop.abort();
  }
});

test('gas and water go into the Energy dashboard; what carries heat is no consumed water', () => {
  const total = (quantity: Quantity): Property => ({ name: quantity, datatype: 'float', unit: 'm³', quantity, kind: 'total' });
  const node: Node = {
    name: 'Gas',
    type: 'gas',
    properties: { gas: total('gas'), water: total('water'), heat: total('heat-volume') },
  };
  const { sub_gas: gas = {}, sub_water: water = {}, sub_heat: heat = {} } = announced({ sub: node });
  assert.ok(suitsEnergyDashboard(gas, 'gas'));
  assert.ok(suitsEnergyDashboard(water, 'water'));
  assert.ok(!suitsEnergyDashboard(heat, 'water'));
});

test('Home Assistant accepts every quantity in every unit that it can come in', () => {
  const properties: Record<string, Property> = {};
  for (const [quantity, families] of Object.entries(QUANTITIES) as [Quantity, readonly string[]][]) {
    const units = (Object.keys(UNITS) as Unit[]).filter((unit) => families.includes(UNITS[unit].family));
    for (const unit of families.length === 0 ? [undefined] : units)
      for (const kind of ['total', 'instant', 'state'] as const) {
        const id = `${quantity}-${Object.keys(properties).length}`;
        properties[id] = { name: id, datatype: 'float', quantity, kind, ...(unit && { unit }) };
      }
  }
  announced({ all: { name: 'All', type: 'all', properties } });
});
