import { printLine, type FieldValue } from '../codecs/line-protocol.js';
import type { Series, StoredInterval, StoredReading, Summary } from '../pipeline/history.js';
import { CRLF, joinCells, printCell } from '../sinks/csv/line.js';
import { NATIVE_FIXED } from '../sinks/csv/tables.js';
import type { LocalTime } from '../sinks/local-time.js';

/** How what is stored is written. */
export interface Rows {
  /** What stands before all rows. */
  head(series: readonly Series[]): string;
  reading(reading: StoredReading): string;
  interval(interval: StoredInterval): string;
}

/** What intervals are written as, in this order. */
const SUMMARY = ['count', 'first', 'last', 'min', 'max', 'mean'] as const satisfies readonly (keyof Summary)[];

/** The formats, by the word that chooses them. */
export const FORMATS = {
  csv: (time: LocalTime, isRaw: boolean) => (isRaw ? csvReadings(time) : csvIntervals()),
  json: jsonLines,
  'line-protocol': lineProtocol,
} as const satisfies Readonly<Record<string, (time: LocalTime, isRaw: boolean) => Rows>>;

/** Just what a sink `csv` writes: a row for each instant, a column for each property. */
function csvReadings(time: LocalTime): Rows {
  let paths: readonly string[] = [];
  return {
    head: (series) => {
      const columns = new Map(series.map(({ path, unit }) => [path, unit === undefined ? path : `${path} (${unit})`]));
      paths = [...columns.keys()];
      return joinCells([...NATIVE_FIXED, ...columns.values()]) + CRLF;
    },
    reading: ({ device, at, values }) =>
      [utcOf(at), time.stamp(at), joinCells([device]), ...paths.map((path) => printCell(values[path]))].join(',') + CRLF,
    interval: () => '',
  };
}

/** A row for each property and interval. */
function csvIntervals(): Rows {
  const units = new Map<string, string | undefined>();
  return {
    head: (series) => {
      for (const { device, path, unit } of series) units.set(`${device} ${path}`, unit);
      return joinCells(['from_utc', 'to_utc', 'meter', 'property', 'unit', ...SUMMARY]) + CRLF;
    },
    reading: () => '',
    interval: ({ device, from, to, values }) =>
      Object.entries(values)
        .map(([path, summary]) => {
          const about = [utcOf(from), utcOf(to), device, path, units.get(`${device} ${path}`)];
          return joinCells([...about, ...SUMMARY.map((key) => summary[key])]) + CRLF;
        })
        .join(''),
  };
}

function jsonLines(): Rows {
  return {
    head: () => '',
    reading: ({ device, at, values }) => `${JSON.stringify({ time: utcOf(at), device, values })}\n`,
    interval: ({ device, from, to, values }) => `${JSON.stringify({ from: utcOf(from), to: utcOf(to), device, values })}\n`,
  };
}

/** As a sink `influxdb` writes it: a measurement for each node, a field for each property, `_` for `-`. Intervals have a field for each part of a summary. */
function lineProtocol(): Rows {
  const print = (device: string, at: number, values: Readonly<Record<string, FieldValue>>): string => {
    const nodes = new Map<string, Record<string, FieldValue>>();
    for (const [path, value] of Object.entries(values)) {
      const [node = '', property = ''] = path.replaceAll('-', '_').split('/');
      nodes.set(node, { ...nodes.get(node), [property]: value });
    }
    const lines = [...nodes].map(([measurement, fields]) => printLine({ measurement, tags: { device }, fields, at }, 'ns'));
    return lines.map((line) => `${line}\n`).join('');
  };
  return {
    head: () => '',
    reading: ({ device, at, values }) => print(device, at, values),
    interval: ({ device, from, values }) =>
      print(
        device,
        from,
        Object.fromEntries(
          Object.entries(values).flatMap(([path, summary]) => SUMMARY.map((key) => [`${path}_${key}`, summary[key]])),
        ),
      ),
  };
}

function utcOf(at: number): string {
  return new Date(at).toISOString().replace('.000Z', 'Z');
}
