import type { Node, Nodes, Property } from '../device.js';
import { DEMAND_ROWS, PEAK_ROWS } from './electricity/demand.js';
import { ENERGY_ROWS } from './electricity/energy.js';
import { GRID_ROWS, QUALITY_ROWS } from './electricity/grid.js';
import { MONTH_END_ROWS } from './electricity/month-end.js';
import { POWER_ROWS } from './electricity/power.js';
import type { Row } from './electricity/row.js';
import { IDENTITY_ROWS, MESSAGE_ROWS, SUPPLY_ROWS, TARIFF_ROWS } from './electricity/supply.js';

/**
 * All that electricity meters report, by OBIS code (IEC 62056-61): the one table from which maps, trees and documentation derive. The ids are an interface
 * that home automations rely on: they are only ever added to.
 */
export const CATALOGUE: readonly Row[] = [
  ...ENERGY_ROWS,
  ...POWER_ROWS,
  ...GRID_ROWS,
  ...DEMAND_ROWS,
  ...PEAK_ROWS,
  ...MONTH_END_ROWS,
  ...TARIFF_ROWS,
  ...SUPPLY_ROWS,
  ...QUALITY_ROWS,
  ...MESSAGE_ROWS,
  ...IDENTITY_ROWS,
];

/** Names of the nodes; a node's type is its id. */
const NODE_NAMES: Readonly<Record<string, string>> = {
  energy: 'Energy',
  power: 'Power',
  grid: 'Grid',
  demand: 'Demand',
  peaks: 'Peaks of demand',
  'month-end': 'End of the last month',
  tariff: 'Tariff',
  supply: 'Supply',
  quality: 'Quality',
  messages: 'Messages',
  identity: 'Identity',
};

/** The catalogue as a tree. */
export const electricityMeter: Nodes = treeOf(CATALOGUE);

function treeOf(catalogue: readonly Row[]): Nodes {
  const nodes: Record<string, Node & { readonly properties: Record<string, Property> }> = {};
  for (const row of catalogue) {
    const { node, property } = row;
    const { properties } = (nodes[node] ??= { name: NODE_NAMES[node] ?? node, type: node, properties: {} });
    // Where two objects say the same, the first names it.
    properties[property] ??= declarationOf(row);
  }
  return nodes;
}

function declarationOf({ name, datatype, unit, quantity, kind, diagnostic }: Row): Property {
  return { name, datatype, ...(unit && { unit }), quantity, kind, ...(diagnostic && { diagnostic }) };
}
