import type { Node, Property } from '../device.js';
import type { Quantity } from '../quantity.js';
import { UNITS, type Unit, type UnitFamily } from '../unit.js';

/** What a meter that is read through another one can be. */
export interface SubMeterKind {
  /** Id of its node; a second one is `gas-2`. */
  readonly id: string;
  readonly name: string;
  /** What a volume that it counts is of. */
  readonly volume: Quantity;
}

const GAS: SubMeterKind = { id: 'gas', name: 'Gas', volume: 'gas' };
const WATER: SubMeterKind = { id: 'water', name: 'Water', volume: 'water' };
const WARM_WATER: SubMeterKind = { id: 'warm-water', name: 'Warm water', volume: 'water' };
const HEAT: SubMeterKind = { id: 'heat', name: 'Heat', volume: 'heat-volume' };
const COOLING: SubMeterKind = { id: 'cooling', name: 'Cooling', volume: 'heat-volume' };

/** M-Bus device type → kind. EN 13757-3, "Device type identification". */
export const SUB_METER_KINDS: ReadonlyMap<number, SubMeterKind> = new Map([
  [0x02, { id: 'electricity', name: 'Electricity', volume: 'heat-volume' }],
  [0x03, GAS],
  [0x04, HEAT],
  [0x06, WARM_WATER],
  [0x07, WATER],
  [0x08, { id: 'heat-cost', name: 'Heat cost allocator', volume: 'heat-volume' }],
  [0x0a, COOLING],
  [0x0b, COOLING],
  [0x0c, HEAT],
  [0x0d, HEAT],
  [0x15, WARM_WATER],
  [0x16, WATER],
]);

/** What a sub-meter counts, by the family of the unit that it counts in; a heat cost allocator counts in none. */
const COUNTERS: Readonly<Partial<Record<UnitFamily | 'none', readonly [id: string, name: string, unit: Unit | undefined]>>> = {
  'm³': ['volume', 'Volume', 'm³'],
  Wh: ['energy', 'Energy', 'Wh'],
  J: ['energy', 'Energy', 'GJ'],
  none: ['units', 'Units', undefined],
};

/** The property of a sub-meter that a value in such a unit belongs to; undefined when it counts nothing that is known. */
export function counterOf(
  { id, volume }: SubMeterKind,
  unit: Unit | undefined,
): { readonly id: string; readonly property: Property } | undefined {
  const counter = COUNTERS[unit === undefined ? 'none' : UNITS[unit].family];
  if (!counter || (unit === undefined && id !== 'heat-cost')) return undefined;
  const [counterId, name, published] = counter;
  const quantity = published === undefined ? 'count' : counterId === 'volume' ? volume : 'energy';
  const datatype = published === 'Wh' ? 'integer' : 'float';
  return { id: counterId, property: { name, datatype, ...(published && { unit: published }), quantity, kind: 'total' } };
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
