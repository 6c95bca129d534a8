import type { Unit } from '../../model/unit.js';
import type { Values } from '../../model/reading.js';
import { select } from '../selection.js';
import type { Layout } from './template.js';

/** Of what is counted at times of its own, the newest is part of every body. */
const VOLUMES = ['gas/volume', 'water/volume'] as const;

/** What servers take for "not known". */
const UNKNOWN = -1;

/** The text with which the server says that it has stored what was sent; its status is always 200. */
export const SEM_SUCCESS = 'New record created successfully';

/** A value of the form: its name, where it comes from, and how it is written. */
interface Entry {
  readonly name: string;
  readonly path: string;
  readonly unit: Unit;
  readonly decimals: number;
}

const phases = (name: string, path: string, unit: Unit): Entry[] =>
  [1, 2, 3].map((phase) => ({ name: `${name}${phase}`, path: `${path}-l${phase}`, unit, decimals: 1 }));
const energy = (name: string, path: string): Entry => ({ name, path: `energy/${path}`, unit: 'kWh', decimals: 3 });

/** In the order of the senders, which swap the tariffs of what is delivered. */
const entriesOf = (production: 'swapped' | 'straight'): readonly Entry[] => [
  ...phases('UL', 'grid/voltage', 'V'),
  ...phases('IL', 'grid/current', 'A'),
  energy('Pcl', 'used-tariff-2'),
  energy('Pch', 'used-tariff-1'),
  energy('Ppl', production === 'swapped' ? 'delivered-tariff-1' : 'delivered-tariff-2'),
  energy('Pph', production === 'swapped' ? 'delivered-tariff-2' : 'delivered-tariff-1'),
  { name: 'Pc', path: 'power/current-usage', unit: 'kW', decimals: 3 },
  { name: 'Pp', path: 'power/current-delivery', unit: 'kW', decimals: 3 },
  { name: 'Vg', path: 'gas/volume', unit: 'm³', decimals: 3 },
  { name: 'Vw', path: 'water/volume', unit: 'm³', decimals: 3 },
];

/**
 * The form that senders of Belgian meters post to `post-data.php`, byte for byte. It has no time: the server stores the one at which it comes. What is not known is -1.
 * @param apiKey what the server compares
 * @param production whether the tariffs of what is delivered are swapped, as the senders have it
 */
export function semLayout(apiKey: string, production: 'swapped' | 'straight'): Layout {
  const entries = entriesOf(production);
  const key = encodeURIComponent(apiKey);
  let volumes: Values = {};
  return ({ device, values, timing }) => {
    volumes = { ...volumes, ...Object.fromEntries(VOLUMES.flatMap((path) => entryOf(values, path))) };
    if (timing === 'own') return undefined;
    const known = { ...volumes, ...values };
    if (!entries.some(({ path }) => known[path] !== undefined)) return undefined;
    const form = entries.map(({ name, path, unit, decimals }) => {
      const value = select({ device, values: known }, { path, unit });
      return `${name}=${(typeof value === 'number' ? value : UNKNOWN).toFixed(decimals)}`;
    });
    return { type: 'application/x-www-form-urlencoded', text: [`api_key=${key}`, ...form].join('&') };
  };
}

function entryOf(values: Values, path: string): (readonly [string, Values[string]])[] {
  const value = values[path];
  return value === undefined ? [] : [[path, value]];
}
