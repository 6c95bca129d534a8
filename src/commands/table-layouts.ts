import type { CsvCell } from '../codecs/csv.js';
import { stampReader } from '../codecs/p1/time.js';
import { BELGIAN_ELECTRICITY, BELGIAN_GAS } from '../sinks/belgian.js';
import { NATIVE_FIXED, parseColumn } from '../sinks/csv/tables.js';
import type { Selection } from '../sinks/selection.js';
import type { ColumnOf } from './table-column.js';

/** Values of a row that were measured together. */
export interface Part {
  /** When they were measured, milliseconds since 1970 UTC; undefined when the row says no time. */
  timeOf(cells: readonly CsvCell[]): number | undefined;
  readonly columns: readonly ColumnOf[];
  /** Measured at a time of their own and told later, so that they are told again until there are newer ones. */
  readonly timing?: 'own';
}

/** What the columns of a table mean. */
export interface Layout {
  readonly parts: readonly Part[];
  /** The cell that names the device; without one, the rows are of the environment's. */
  readonly device?: number;
  /** The cell that must be the same in all rows: whose they are. */
  readonly same?: number;
  /** Columns that mean nothing here. */
  readonly unknown: readonly string[];
}

const TELE: Readonly<Record<string, Omit<ColumnOf, 'index'>>> = {
  MeterId: { path: 'identity/equipment-id' },
  Import: { path: 'power/current-usage', unit: 'kW' },
  Export: { path: 'power/current-delivery', unit: 'kW' },
  TotalImport: { path: 'energy/imported-total', unit: 'kWh' },
  TotalExport: { path: 'energy/delivered-total', unit: 'kWh' },
};

/** What a table must have to be taken for one of each kind. */
export const KNOWN_TABLES = {
  native: [NATIVE_FIXED[0], NATIVE_FIXED[2]],
  tele: ['MeterId', 'Time', 'DST'],
  belgian: ['timestamp', 'gas_timestamp'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/**
 * The layout of a table, by its first line: those that a sink `csv` and `export` write.
 * @param timeZone of times without an offset, IANA name
 * @returns undefined when it is another's
 */
export function layoutOf(header: readonly string[], timeZone: string): Layout | undefined {
  const has = (names: readonly string[]): boolean => names.every((name) => header.includes(name));
  if (has(KNOWN_TABLES.native)) return native(header);
  if (has(KNOWN_TABLES.tele)) return tele(header, timeZone);
  return has(KNOWN_TABLES.belgian) ? belgian(header) : undefined;
}

function native(header: readonly string[]): Layout {
  const [time, , device] = NATIVE_FIXED.map((name) => header.indexOf(name));
  const others = header
    .map((name, index) => ({ name, index }))
    .filter(({ name }) => !NATIVE_FIXED.some((fixed) => fixed === name));
  const columns = others.map(({ name, index }) => ({ name, index, ...parseColumn(name) }));
  const isProperty = ({ path }: { readonly path: string }): boolean => /^[a-z0-9-]+\/[a-z0-9-]+$/.test(path);
  return {
    parts: [{ timeOf: instantIn(time ?? 0), columns: columns.filter(isProperty) }],
    device: device ?? 0,
    unknown: columns.filter((column) => !isProperty(column)).map(({ name }) => name),
  };
}

function tele(header: readonly string[], timeZone: string): Layout {
  const [time, letter] = [header.indexOf('Time'), header.indexOf('DST')];
  const read = stampReader(timeZone);
  const timeOf: Part['timeOf'] = (cells) => {
    const digits = (cells[time]?.text ?? '').replaceAll(/[- :]/g, '').slice('YY'.length);
    return read(digits + (cells[letter]?.text ?? ''))?.instant;
  };
  const columns = Object.entries(TELE).flatMap(([name, column]) => at(header, name, column));
  return {
    parts: [{ timeOf, columns }],
    same: header.indexOf('MeterId'),
    unknown: header.filter((name) => name !== 'Time' && name !== 'DST' && !Object.hasOwn(TELE, name)),
  };
}

function belgian(header: readonly string[]): Layout {
  const part = (time: string, keys: Readonly<Record<string, Selection>>): Part => ({
    timeOf: instantIn(header.indexOf(time)),
    columns: Object.entries(keys).flatMap(([name, { path, unit }]) => at(header, name, { path, unit })),
  });
  return {
    parts: [part('timestamp', BELGIAN_ELECTRICITY), { ...part('gas_timestamp', BELGIAN_GAS), timing: 'own' }],
    unknown: header.filter(
      (name) => ![...KNOWN_TABLES.belgian, ...Object.keys(BELGIAN_ELECTRICITY), ...Object.keys(BELGIAN_GAS)].includes(name),
    ),
  };
}

function at(header: readonly string[], name: string, column: Omit<ColumnOf, 'index'>): readonly ColumnOf[] {
  const index = header.indexOf(name);
  return index === -1 ? [] : [{ ...column, index }];
}

/** A time that says its offset to UTC. RFC 3339, with a blank for the T where somebody likes that better. */
const INSTANT = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/;

function instantIn(index: number): Part['timeOf'] {
  return (cells) => {
    const text = cells[index]?.text ?? '';
    const instant = INSTANT.test(text) ? Date.parse(text.replace(' ', 'T')) : NaN;
    return Number.isNaN(instant) ? undefined : instant;
  };
}
