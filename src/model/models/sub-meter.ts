import type { Node, Property } from '../device.js';
import type { Quantity } from '../quantity.js';
import { UNITS, type Unit, type UnitFamily } from '../unit.js';

/** What a sub-meter can count, by the family of the unit that it counts in. */
type Counted = UnitFamily | 'none';

/** What a meter that is read through another one can be. */
export interface SubMeterKind {
  /** Id of its node; a second one is `gas-2`. */
  readonly id: string;
  readonly name: string;
  readonly counts: Readonly<Partial<Record<Counted, Quantity>>>;
}

const GAS: SubMeterKind = { id: 'gas', name: 'Gas', counts: { 'm³': 'gas' } };
const WATER: SubMeterKind = { id: 'water', name: 'Water', counts: { 'm³': 'water' } };
const THERMAL: SubMeterKind['counts'] = { 'm³': 'heat-volume', Wh: 'energy', J: 'energy' };
const HEAT: SubMeterKind = { id: 'heat', name: 'Heat', counts: THERMAL };
const COOLING: SubMeterKind = { id: 'cooling', name: 'Cooling', counts: THERMAL };
const WARM_WATER: SubMeterKind = { id: 'warm-water', name: 'Warm water', counts: { ...WATER.counts } };

/** M-Bus device type → kind. EN 13757-3, "Device type identification". */
export const SUB_METER_KINDS: ReadonlyMap<number, SubMeterKind> = new Map([
  [0x02, { id: 'electricity', name: 'Electricity', counts: { Wh: 'energy' } }],
  [0x03, GAS],
  [0x04, HEAT],
  [0x06, WARM_WATER],
  [0x07, WATER],
  [0x08, { id: 'heat-cost', name: 'Heat cost allocator', counts: { none: 'count' } }],
  [0x0a, COOLING],
  [0x0b, COOLING],
  [0x0c, HEAT],
  [0x0d, HEAT],
  [0x15, WARM_WATER],
  [0x16, WATER],
]);

interface Counter {
  readonly id: string;
  readonly name: string;
  /** What it is published in. */
  readonly unit?: Unit;
}

const COUNTERS: Readonly<Partial<Record<Counted, Counter>>> = {
  'm³': { id: 'volume', name: 'Volume', unit: 'm³' },
  Wh: { id: 'energy', name: 'Energy', unit: 'Wh' },
  J: { id: 'energy', name: 'Energy', unit: 'GJ' },
  none: { id: 'units', name: 'Units' },
};

/** The property of a sub-meter that a value in such a unit belongs to; undefined when such a meter does not count in it. */
export function counterOf(
  { counts }: SubMeterKind,
  sent: Unit | undefined,
): { readonly id: string; readonly property: Property } | undefined {
  const counted = sent === undefined ? 'none' : UNITS[sent].family;
  const [quantity, counter] = [counts[counted], COUNTERS[counted]];
  if (quantity === undefined || counter === undefined) return undefined;
  const { id, name, unit } = counter;
  return {
    id,
    property: { name, datatype: unit === 'Wh' ? 'integer' : 'float', ...(unit && { unit }), quantity, kind: 'total' },
  };
}

/** What is told of a sub-meter beside what it counts. */
export const SUB_METER_PROPERTIES = {
  'measured-at': { name: 'Measured at', datatype: 'string', quantity: 'time', kind: 'state', diagnostic: true },
  valve: { name: 'Valve', datatype: 'integer', quantity: 'code', kind: 'state' },
  'serial-number': { name: 'Serial number', datatype: 'string', quantity: 'text', kind: 'state', diagnostic: true },
  ean: { name: 'EAN', datatype: 'string', quantity: 'text', kind: 'state', diagnostic: true },
  channel: { name: 'M-Bus channel', datatype: 'integer', quantity: 'code', kind: 'state', diagnostic: true },
} as const satisfies Record<string, Property>;

/** The node of the `number`th meter of a kind, from 1. */
export function subMeterNode(
  { id, name }: SubMeterKind,
  number: number,
  { serial, properties }: Pick<Node, 'serial' | 'properties'>,
): Node {
  const named = number === 1 ? name : `${name} ${number}`;
  return { name: named, type: id, ...(serial !== undefined && { serial }), properties };
}
