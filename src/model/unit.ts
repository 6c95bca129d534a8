import { scale, type Decimal } from './decimal.js';

/**
 * The units a property can have. Two units of one family differ by a power of ten, so values shift between them without loss.
 * Spellings are those that openHAB parses and Homie 5 recommends (`m³` with U+00B3, `°C` with U+00B0).
 */
export const UNITS = {
  Wh: { family: 'Wh', exponent: 0 },
  kWh: { family: 'Wh', exponent: 3 },
  MWh: { family: 'Wh', exponent: 6 },
  GWh: { family: 'Wh', exponent: 9 },
  J: { family: 'J', exponent: 0 },
  kJ: { family: 'J', exponent: 3 },
  MJ: { family: 'J', exponent: 6 },
  GJ: { family: 'J', exponent: 9 },
  cal: { family: 'cal', exponent: 0 },
  kcal: { family: 'cal', exponent: 3 },
  Mcal: { family: 'cal', exponent: 6 },
  Gcal: { family: 'cal', exponent: 9 },
  W: { family: 'W', exponent: 0 },
  kW: { family: 'W', exponent: 3 },
  MW: { family: 'W', exponent: 6 },
  GW: { family: 'W', exponent: 9 },
  var: { family: 'var', exponent: 0 },
  kvar: { family: 'var', exponent: 3 },
  varh: { family: 'varh', exponent: 0 },
  kvarh: { family: 'varh', exponent: 3 },
  VA: { family: 'VA', exponent: 0 },
  kVA: { family: 'VA', exponent: 3 },
  VAh: { family: 'VAh', exponent: 0 },
  kVAh: { family: 'VAh', exponent: 3 },
  V: { family: 'V', exponent: 0 },
  A: { family: 'A', exponent: 0 },
  Hz: { family: 'Hz', exponent: 0 },
  l: { family: 'm³', exponent: -3 },
  'm³': { family: 'm³', exponent: 0 },
  'l/h': { family: 'm³/h', exponent: -3 },
  'm³/h': { family: 'm³/h', exponent: 0 },
  '°C': { family: '°C', exponent: 0 },
  K: { family: 'K', exponent: 0 },
  s: { family: 's', exponent: 0 },
  h: { family: 'h', exponent: 0 },
} as const satisfies Record<string, { readonly family: string; readonly exponent: number }>;

/** A unit of measurement, as it is spelt wherever a value is published. */
export type Unit = keyof typeof UNITS;

/** Units between which values shift by powers of ten. */
export type UnitFamily = (typeof UNITS)[Unit]['family'];

/**
 * Shifts a decimal from one unit to another of the same family, exactly.
 * @returns the nearest number to the decimal in unit `to`; undefined when the units are of different families
 */
export function convert(value: Decimal, from: Unit, to: Unit): number | undefined {
  const source = UNITS[from];
  const target = UNITS[to];
  if (source.family !== target.family) return undefined;
  return scale(value.integer, value.exponent + source.exponent - target.exponent);
}
