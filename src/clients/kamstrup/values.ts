import { UNIT_CODE_NUMBER, unitName, unitOf, type Register } from '../../codecs/kmp/register.js';
import { pathsOf, pickNodes, propertyAt, type Node, type Nodes, type Property } from '../../model/device.js';
import { heatMeter } from '../../model/models/heat-meter.js';
import { QUANTITIES } from '../../model/quantity.js';
import { UNITS, convert, type Unit, type UnitFamily } from '../../model/unit.js';
import { REGISTERS, type RegisterRow } from './map.js';

/** What an answer comes to: values keyed `node/property`, the unit of each, and what is worth telling a person once. */
export interface Measured {
  readonly values: Readonly<Record<string, number>>;
  readonly units: Readonly<Record<string, Unit>>;
  readonly notes: readonly string[];
}

const ROWS: ReadonlyMap<number, RegisterRow> = new Map(REGISTERS.map((row) => [row.id, row]));

/**
 * Takes the values out of a meter's registers, matched by id. Each is shifted to the catalogue's unit where that is a power of ten away; in another
 * unit of its quantity (joules, calories) it stays as the meter counts, and in one that does not fit its quantity it is left out.
 */
export function measure(registers: readonly Register[]): Measured {
  const values: Record<string, number> = {};
  const units: Record<string, Unit> = {};
  const notes: string[] = [];
  for (const register of registers) {
    const row = ROWS.get(register.id);
    if (!row) continue;
    const property = propertyAt(heatMeter, row.to);
    if (property?.unit === undefined) continue;
    const unit = register.unitCode === UNIT_CODE_NUMBER ? row.plainNumber : unitOf(register.unitCode);
    const target = unit && targetUnit(unit, property.unit, property);
    const value = unit && target && convert(register.value, unit, target);
    if (target === undefined || value === undefined) {
      notes.push(`register ${register.id} (${row.to}) is left out: the meter sends it in ${unitName(register.unitCode)}`);
      continue;
    }
    if (target !== property.unit)
      notes.push(`${row.to} is published in ${target}, as the meter counts it, not in ${property.unit}`);
    values[row.to] = property.datatype === 'integer' ? Math.floor(value) : value;
    units[row.to] = target;
  }
  return { values, units, notes };
}

/** The part of the catalogue that was measured, in the units it was measured in. */
export function nodesOf(units: Measured['units']): Nodes {
  const nodes: Record<string, Node> = {};
  for (const [id, node] of Object.entries(pickNodes(heatMeter, new Set(Object.keys(units))))) {
    const properties = Object.entries(node.properties).map(([key, property]): [string, Property] => {
      const unit = units[`${id}/${key}`];
      return [key, unit === undefined ? property : { ...property, unit }];
    });
    nodes[id] = { ...node, properties: Object.fromEntries(properties) };
  }
  return nodes;
}

/** The properties that only grow. */
export const TOTALS: readonly string[] = pathsOf(heatMeter).filter((path) => propertyAt(heatMeter, path)?.kind === 'total');

function targetUnit(unit: Unit, wanted: Unit, { quantity }: Property): Unit | undefined {
  const { family } = UNITS[unit];
  if (family === UNITS[wanted].family) return wanted;
  const allowed: readonly UnitFamily[] = QUANTITIES[quantity];
  return allowed.includes(family) ? unit : undefined;
}
