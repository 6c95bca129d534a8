import type { UnitFamily } from './unit.js';

/**
 * What a property measures, with the unit families it may come in (none: a flag, a code, a text or a count).
 * `m³` alone does not say whether gas, water or a heat carrier flowed; a sink that must know asks the quantity.
 */
export const QUANTITIES = {
  energy: ['Wh', 'J', 'cal'],
  'reactive-energy': ['varh'],
  power: ['W'],
  'reactive-power': ['var'],
  'apparent-energy': ['VAh'],
  'apparent-power': ['VA'],
  'power-factor': [],
  voltage: ['V'],
  current: ['A'],
  frequency: ['Hz'],
  gas: ['m³'],
  water: ['m³'],
  'heat-volume': ['m³'],
  flow: ['m³/h'],
  temperature: ['°C'],
  'temperature-difference': ['K'],
  duration: ['s', 'h'],
  count: [],
  code: [],
  time: [],
  text: [],
} as const satisfies Record<string, readonly UnitFamily[]>;

/** What a property measures. A new member does not compile until every sink's table has answered it. */
export type Quantity = keyof typeof QUANTITIES;
