import type { Problem } from '../../model/errors.js';
import { UNITS, type Unit } from '../../model/unit.js';
import type { Field, Series } from './series.js';

/** `field = node/property [unit] [integer]`. */
const ENTRY = /^(\S+)\s*=\s*([a-z0-9-]+\/[a-z0-9-]+)(?:\s+(\S+))?(?:\s+(\S+))?$/;
const INTEGER = 'integer';

/**
 * Reads a map of the settings: by the name of a measurement its fields, separated by commas or line breaks, each as `field = node/property`, perhaps followed by a unit
 * and by the word `integer`.
 * @returns the series, and what is wrong with the others
 */
export function parseMap(map: Readonly<Record<string, string>>): {
  readonly series: readonly Series[];
  readonly problems: readonly Problem[];
} {
  const problems: Problem[] = [];
  const series = Object.entries(map).map(([measurement, text]) => {
    const entries = text.split(/[,\n]/).map((entry) => entry.trim());
    const fields = entries.flatMap((entry) => {
      if (entry === '') return [];
      const field = parseField(entry);
      if (typeof field !== 'string') return [field];
      problems.push({ source: '', key: `map.${measurement}`, message: field });
      return [];
    });
    return { measurement, fields };
  });
  return { series, problems };
}

/** @returns the field, or what is wrong with it */
function parseField(entry: string): Field | string {
  const [, key, path, ...words] = ENTRY.exec(entry) ?? [];
  if (key === undefined || path === undefined)
    return `expected fields such as import = energy/imported-total kWh, found ${JSON.stringify(entry)}`;
  if (key === 'time' || key.startsWith('_')) return `${key}: InfluxDB keeps this name to itself`;
  const named = words.filter((word) => word !== undefined);
  const unit = named.find((word) => word !== INTEGER);
  const integer = named.includes(INTEGER);
  if (unit !== undefined && !isUnit(unit)) return `${key}: ${JSON.stringify(unit)} is no unit that values are converted to`;
  return { key, path, ...(unit !== undefined && { unit }), ...(integer && { integer }) };
}

function isUnit(word: string): word is Unit {
  return Object.hasOwn(UNITS, word);
}
