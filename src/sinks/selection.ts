import { decimalOf } from '../model/decimal.js';
import { propertyAt } from '../model/device.js';
import type { Reading } from '../model/reading.js';
import { convert, type Unit } from '../model/unit.js';

/** A value that is wanted under a name of the user's, and how it is written. */
export interface Selection {
  /** `node/property`. */
  readonly path: string;
  /** The unit it is converted to; without one it stays in its own. */
  readonly unit?: Unit | undefined;
  /** How many decimals are left at the most. */
  readonly decimals?: number | undefined;
}

/**
 * A value as it is wanted.
 * @returns undefined when it is not known, or cannot be converted to that unit
 */
export function select(
  { device, values }: Pick<Reading, 'device' | 'values'>,
  { path, unit, decimals }: Selection,
): number | boolean | string | undefined {
  const value = values[path];
  if (typeof value !== 'number') return value;
  const own = propertyAt(device.nodes, path)?.unit;
  const converted = unit === undefined || unit === own ? value : own && convert(decimalOf(value), own, unit);
  return converted === undefined || decimals === undefined ? converted : Number(converted.toFixed(decimals));
}
