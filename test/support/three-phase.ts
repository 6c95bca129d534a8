import type { Device, Node, Property } from '../../src/model/device.js';
import type { Reading, Values } from '../../src/model/reading.js';
import { identityValues, meterNode, timeValues } from '../../src/pipeline/meter-node.js';
import { randomFrom } from '../../src/simulators/random.js';

const PHASES = [1, 2, 3] as const;

/** An electricity meter with three phases that says all there is to say, once a second, as the pipeline hands it on. */
export function threePhaseMeter(seed: number): (n: number) => Reading {
  const random = randomFrom(seed);
  const identity = { serial: 'E0043007052870318', manufacturer: 'Sagemcom', model: 'T210-D' };
  const start = Date.UTC(2026, 0, 15, 12);
  const totals = {
    'imported-total': 8_995_626,
    'delivered-total': 1_590_321,
    'used-tariff-1': 4_248_198,
    'used-tariff-2': 4_747_428,
  };
  let device: Device | undefined;
  let watts = [300, 120, 80];
  return (n) => {
    watts = watts.map((each) =>
      random() < 0.03 ? Math.round(random() * 2_000) : Math.max(0, each + Math.round(random() * 6 - 3)),
    );
    const sum = watts.reduce((all, each) => all + each, 0);
    // A watt hour is 3,600 watt seconds: totals grow now and then.
    if (random() < sum / 3_600) {
      totals['imported-total'] += 1;
      totals['used-tariff-1'] += 1;
    }
    const measuredAt = start + n * 1_000;
    const receivedAt = measuredAt + 400 + Math.round(random() * 20);
    const values: Values = {
      ...prefixed('energy', totals),
      'power/current-usage': sum,
      'power/current-delivery': 0,
      'power/net-usage': sum,
      ...Object.fromEntries(PHASES.flatMap((phase) => ofPhase(phase, watts[phase - 1] ?? 0, random))),
      ...timeValues(receivedAt, measuredAt, 0),
      ...identityValues({ id: '', name: '', nodes: {}, ...identity }),
    };
    device ??= { id: 'electric-smart-meter', name: 'Electricity meter', ...identity, nodes: nodesOf(values) };
    return { kind: 'reading', device, measuredAt, receivedAt, values };
  };
}

function ofPhase(phase: number, watts: number, random: () => number): [string, number][] {
  const volts = Math.round(2_300 + random() * 20 - 10) / 10;
  return [
    [`power/l${phase}-usage`, watts],
    [`power/l${phase}-delivery`, 0],
    [`voltage/l${phase}`, volts],
    [`current/l${phase}`, Math.round((watts / volts) * 100) / 100],
  ];
}

function prefixed(node: string, values: Readonly<Record<string, number>>): Values {
  return Object.fromEntries(Object.entries(values).map(([property, value]) => [`${node}/${property}`, value]));
}

function nodesOf(values: Values): Record<string, Node> {
  const nodes: Record<string, Node> = {};
  for (const path of Object.keys(values)) {
    const [node = '', property = ''] = path.split('/');
    if (node === 'meter') continue;
    const declared: Property = {
      name: `What is called ${path}`,
      datatype: 'float',
      unit: 'W',
      quantity: 'power',
      kind: 'instant',
    };
    nodes[node] = { name: node, type: node, properties: { ...nodes[node]?.properties, [property]: declared } };
  }
  return { ...nodes, meter: meterNode(values) };
}
