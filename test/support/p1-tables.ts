import { CATALOGUE } from '../../src/model/models/electricity-meter.js';
import { counterOf, SUB_METER_KINDS } from '../../src/model/models/sub-meter.js';
import type { Unit } from '../../src/model/unit.js';
import type { ExpectedTelegram } from './p1-expected.js';

/** The catalogue as the README of the client shows it: the three phases of a property, and the thirteen peaks, in one line. */
export function printCatalogue(): string {
  const lines = new Map<string, { readonly obis: string[]; readonly cells: string }>();
  for (const { obis, node, property, name, unit = '', source } of CATALOGUE) {
    const numbered = property.replace(/-l[123]$/, '-l1…3').replace(/^month-\d+/, 'month-1…13');
    const meaning = name.replace(/, L[123]$/, '').replace(/, \d+ months? ago$/, ', 1 to 13 months ago');
    const key = `${node}/${numbered} ${unit}`;
    const line = lines.get(key) ?? { obis: [], cells: `\`${node}/${numbered}\` | ${meaning} | ${unit} | ${source} |` };
    if (obis !== undefined && !line.obis.includes(obis)) line.obis.push(obis);
    lines.set(key, line);
  }
  const rows = [...lines.values()].map(({ obis, cells }) => `| ${obis.join(', ')} | ${cells}`);
  return ['| OBIS | node / property | | unit | source |', '|---|---|---|---|---|', ...rows].join('\n');
}

const UNITS: readonly (Unit | undefined)[] = ['m³', 'Wh', 'GJ', undefined];

/** What is read through the meter, as the README of the client shows it. */
export function printSubMeters(): string {
  const ids = new Set([...SUB_METER_KINDS.values()].map(({ id }) => id));
  const rows = [...ids].map((id) => {
    const kinds = [...SUB_METER_KINDS].filter(([, kind]) => kind.id === id);
    const codes = kinds.map(([type]) => type.toString(16).padStart(2, '0').toUpperCase());
    const counters = UNITS.flatMap((unit) => {
      const counter = kinds[0] && counterOf(kinds[0][1], unit);
      return counter ? [`\`${id}/${counter.id}\`${unit === undefined ? '' : ` (${unit})`}`] : [];
    });
    return `| ${codes.join(', ')} | ${counters.join(', ')} |`;
  });
  return ['| device type | node / property |', '|---|---|', ...rows].join('\n');
}

const COUNTRIES: Readonly<Record<string, string>> = {
  NL: 'Netherlands',
  BE: 'Belgium',
  LU: 'Luxembourg',
  AT: 'Austria',
  SE: 'Sweden',
  FI: 'Finland',
  LT: 'Lithuania',
  HU: 'Hungary',
  CH: 'Switzerland',
  IE: 'Ireland',
};

const DUTCH: Readonly<Record<string, string>> = { 40: 'DSMR 4.0', 42: 'DSMR 4.2', 50: 'DSMR 5, ESMR 5' };

const NAMES: Readonly<Record<string, string>> = { BE: 'e-MUCS', LU: 'Smarty', AT: 'T210-D-r' };

/** A capture, as far as the table of what was tested needs it. */
export interface Tested {
  readonly country: string;
  readonly encrypted: boolean;
  readonly telegrams: readonly ExpectedTelegram[];
}

/** Which meters were tested with how many telegrams, as the project's README shows it. */
export function printTested(captures: readonly Tested[]): string {
  const counts = new Map<string, { right: number; wrong: number }>();
  for (const { country, encrypted, telegrams } of captures) {
    for (const { objects, verdict } of telegrams) {
      const code = country.slice(0, 2);
      const version = objects.find(({ obis }) => obis === '1-3:0.2.8')?.raw ?? '';
      const name = code === 'NL' ? (DUTCH[version] ?? 'DSMR 2.2, 3.0') : (NAMES[code] ?? 'P1');
      const key = `${COUNTRIES[code] ?? code} | ${name}${encrypted ? ', encrypted' : ''}`;
      const count = counts.get(key) ?? { right: 0, wrong: 0 };
      count[verdict === 'accept' ? 'right' : 'wrong'] += 1;
      counts.set(key, count);
    }
  }
  const order = Object.values(COUNTRIES);
  const rank = (key: string): number => order.indexOf(key.split(' | ')[0] ?? '');
  const rows = [...counts].sort(([one], [other]) => rank(one) - rank(other) || (one < other ? -1 : 1));
  return [
    '| country | version | read | refused |',
    '|---|---|---|---|',
    ...rows.map(([key, { right, wrong }]) => `| ${key} | ${right} | ${wrong} |`),
  ].join('\n');
}
