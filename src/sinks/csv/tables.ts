import { pathsOf, propertyAt, type Device } from '../../model/device.js';
import type { Recorded } from '../../pipeline/sink.js';
import { BELGIAN_ELECTRICITY, BELGIAN_GAS } from '../belgian.js';
import type { LocalTime } from '../local-time.js';
import { select, type Selection } from '../selection.js';
import { teleLayout } from '../tele.js';
import { CRLF, joinCells, printCell, type Cell } from './line.js';

/** The newest gas reading of each device: it comes at a time of its own and is part of every line after it. */
export type Gas = Readonly<Record<string, { readonly at: number; readonly volume: number }>>;

/** What a preset makes of readings: the lines of one kind of file. */
export interface Table {
  /** What its files are called, below the folder. */
  readonly template: string;
  readonly newline: string;
  /** The first line of a file that is to hold a reading of that device, cell by cell; none: its files have no such line. */
  header(device: Device): readonly string[];
  /** The line of a reading, without its end, in a file with that header; undefined: it makes none. */
  line(record: Recorded, header: readonly string[], gas: Gas): string | undefined;
}

/** How tables are written. */
export interface TableOptions {
  /** What files are called. */
  readonly files: string;
  /** The meter's time zone; that of this machine when absent. */
  readonly timeZone: string;
  readonly time: LocalTime;
}

/** The node that says how the meter is read rather than what it measures. */
const METER_NODE = 'meter/';

/** What the native table begins with: when, on the clocks of UTC and of the meter's zone, and of which device. */
export const NATIVE_FIXED = ['time_utc', 'time_local', 'meter'] as const;

/** The tables of each preset. */
export const PRESETS = {
  native: ({ files, time }) => [native(files, time)],
  tele: ({ files, time, timeZone }) => [
    tele(files, time),
    // What was published beside it, line by line.
    { ...teleMessages(timeZone), template: files.replace(/\.[a-z]+$/, '.txt') },
  ],
  belgian: ({ files, time }) => [belgian(files, time)],
} as const satisfies Record<string, (options: TableOptions) => readonly Table[]>;

/** What the newest gas is after a reading. */
export function withGas(gas: Gas, { device, at, values, timing }: Recorded): Gas {
  const volume = values[BELGIAN_GAS.total_gas_consumption?.path ?? ''];
  if (timing !== 'own' || typeof volume !== 'number' || at < (gas[device.id]?.at ?? -Infinity)) return gas;
  return { ...gas, [device.id]: { at, volume } };
}

/** A column for each property, `energy/imported-total (Wh)`; instants in UTC with as many decimals as they have. */
function native(template: string, time: LocalTime): Table {
  const headers = new WeakMap<Device, readonly string[]>();
  const paths = new Map<string, string>();
  const pathOf = (column: string): string => {
    const path = paths.get(column) ?? parseColumn(column).path;
    paths.set(column, path);
    return path;
  };
  return {
    template,
    newline: CRLF,
    header: (device) => {
      const known = headers.get(device) ?? [...NATIVE_FIXED, ...pathsOf(device.nodes).flatMap((path) => columnsOf(device, path))];
      headers.set(device, known);
      return known;
    },
    line: ({ device, at, values }, header) => {
      const cells = header.slice(NATIVE_FIXED.length).map((column) => printCell(values[pathOf(column)]));
      // What comes of the node that is left out alone is no line.
      if (cells.every((cell) => cell === '')) return undefined;
      return [utcOf(at), time.stamp(at), joinCells([device.id]), ...cells].join(',');
    },
  };
}

function columnsOf({ nodes }: Device, path: string): readonly string[] {
  if (path.startsWith(METER_NODE)) return [];
  const unit = propertyAt(nodes, path)?.unit;
  return [unit === undefined ? path : `${path} (${unit})`];
}

/** The path and the unit that a column of the native table is of. */
export function parseColumn(column: string): { readonly path: string; readonly unit?: string | undefined } {
  const [, path = column, unit] = /^(.*?)(?: \((.*)\))?$/.exec(column) ?? [];
  return { path, unit };
}

function utcOf(at: number): string {
  return new Date(at).toISOString().replace('.000Z', 'Z');
}

const POWER = { unit: 'kW', decimals: 3 } as const;
const ENERGY = { unit: 'kWh', decimals: 3 } as const;

const TELE_HEADER = ['MeterId', 'Time', 'DST', 'Import', 'Export', 'TotalImport', 'TotalExport'] as const;

/** Numbers in their shortest form, with at least one decimal. */
function tele(template: string, time: LocalTime): Table {
  return {
    template,
    newline: '\n',
    header: () => TELE_HEADER,
    line: (record) => {
      if (record.timing === 'own') return undefined;
      const number = (path: string, how: Omit<Selection, 'path'>): Cell => {
        const value = select(record, { path, ...how });
        return Number.isInteger(value) ? `${String(value)}.0` : value;
      };
      return joinCells([
        record.values['identity/equipment-id'],
        time.face(record.at).replace('T', ' ').slice(0, 'YYYY-MM-DD hh:mm:ss'.length),
        time.isSummer(record.at) ? 'S' : 'W',
        number('power/current-usage', POWER),
        number('power/current-delivery', POWER),
        number('energy/imported-total', ENERGY),
        number('energy/delivered-total', ENERGY),
      ]);
    },
  };
}

function teleMessages(timeZone: string): Omit<Table, 'template'> {
  const layout = teleLayout({ timeZone, arrayAlways: true });
  return {
    newline: '\n',
    header: () => [],
    line: (record) => (record.timing === 'own' ? undefined : JSON.stringify(layout({ ...record, measuredAt: record.at }))),
  };
}

const BELGIAN_KEYS = Object.keys(BELGIAN_ELECTRICITY);

function belgian(template: string, time: LocalTime): Table {
  const header = ['timestamp', 'gas_timestamp', ...BELGIAN_KEYS, ...Object.keys(BELGIAN_GAS)];
  return {
    template,
    newline: CRLF,
    header: () => header,
    line: (record, _, gas) => {
      if (record.timing === 'own') return undefined;
      const electricity = Object.values(BELGIAN_ELECTRICITY).map((selection) => select(record, selection));
      const last = gas[record.device.id];
      return joinCells([time.stamp(record.at), last && time.stamp(last.at), ...electricity, last?.volume]);
    },
  };
}
