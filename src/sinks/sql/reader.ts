import type { Datatype } from '../../model/device.js';
import type { Values } from '../../model/reading.js';
import { UNITS, type Unit } from '../../model/unit.js';
import { reasonOf } from '../../pipeline/clock.js';
import type {
  HistoryRange,
  HistoryReader,
  IntervalRange,
  Series,
  StoredInterval,
  StoredReading,
  Summary,
} from '../../pipeline/history.js';
import type { LocalTime, Span } from '../local-time.js';
import type { Database, Row, Value } from './database.js';
import { SUMMARIES } from './schema.js';
import { QUARTER_MS, settle } from './summaries.js';

/** How many rows are asked for at once. */
const PAGE = 5_000;

/** A table by time, joined with the properties that its rows are of. */
interface Rows {
  readonly table: string;
  readonly time: 'at' | 'start';
  readonly columns: string;
}

/** Reads back what is in the tables. */
export class SqlReader implements HistoryReader {
  readonly #database: Database;
  readonly #timeZone: string;
  readonly #time: LocalTime;

  constructor(database: Database, timeZone: string, time: LocalTime) {
    this.#database = database;
    this.#timeZone = timeZone;
    this.#time = time;
  }

  async series(range: HistoryRange): Promise<readonly Series[]> {
    const { where, values } = propertiesOf(range);
    const rows = await this.#database.run(
      `SELECT p.device, p.path, p.unit, p.datatype FROM meter_property p WHERE ${where} ORDER BY p.device, p.position, p.id`,
      values,
    );
    // Of one that has changed its unit the last.
    return [...new Map(rows.map((row) => [`${String(row.device)} ${String(row.path)}`, seriesOf(row)])).values()];
  }

  async *readings(range: HistoryRange, signal: AbortSignal): AsyncGenerator<StoredReading> {
    const rows = { table: 'meter_reading', time: 'at', columns: 's.number, s.text, p.datatype' } as const;
    for await (const { device, at, rows: found } of this.#instants(rows, range, signal)) {
      const values: Values = Object.fromEntries(found.map((row) => [String(row.path), valueOf(row)]));
      yield { device, at, values };
    }
  }

  intervals(range: IntervalRange, signal: AbortSignal): AsyncIterable<StoredInterval> | undefined {
    if (range.resolution !== '15m' && range.timeZone !== this.#timeZone) return undefined;
    return this.#intervals(range, signal);
  }

  async close(): Promise<void> {
    await this.#database.close();
  }

  async *#intervals(range: IntervalRange, signal: AbortSignal): AsyncGenerator<StoredInterval> {
    const { name = '' } = SUMMARIES.find(({ resolution }) => resolution === range.resolution) ?? {};
    // What is not over yet as well.
    await settle(this.#database, Number.MAX_SAFE_INTEGER, this.#time);
    const rows = { table: name, time: 'start', columns: 's.samples, s.first, s.last, s.minimum, s.maximum, s.mean' } as const;
    for await (const { device, at, rows: found } of this.#instants(rows, range, signal)) {
      const values = Object.fromEntries(found.map((row) => [String(row.path), summaryOf(row)]));
      yield { device, ...this.#spanOf(range, at), values };
    }
  }

  #spanOf({ resolution }: IntervalRange, at: number): Span {
    if (resolution === '15m') return { from: at, to: at + QUARTER_MS };
    return resolution === '1d' ? this.#time.day(at) : this.#time.month(at);
  }

  /** Rows of one device and instant together, in order of time; a page after the other. */
  async *#instants(
    { table, time, columns }: Rows,
    range: HistoryRange,
    signal: AbortSignal,
  ): AsyncGenerator<{ readonly device: string; readonly at: number; readonly rows: readonly Row[] }> {
    const { where, values } = propertiesOf(range);
    const to = Math.min(range.to, Number.MAX_SAFE_INTEGER);
    let from = Math.max(range.from, Number.MIN_SAFE_INTEGER);
    for (let limit = PAGE; ;) {
      if (signal.aborted) throw reasonOf(signal);
      const rows = await this.#database.run(
        `SELECT s.${time} AS at, p.device, p.path, ${columns} FROM ${table} s JOIN meter_property p ON p.id = s.property
         WHERE s.${time} >= ? AND s.${time} < ? AND ${where} ORDER BY s.${time}, p.device, p.position, p.id LIMIT ${limit}`,
        [Math.ceil(from), Math.ceil(to), ...values],
      );
      const last = Number(rows.at(-1)?.at);
      // The last instant of a full page may go on in the next.
      const whole = rows.length < limit ? rows : rows.filter(({ at }) => Number(at) < last);
      yield* groupsOf(whole);
      if (rows.length < limit) return;
      if (whole.length === 0) limit *= 2;
      from = last;
    }
  }
}

function* groupsOf(
  rows: readonly Row[],
): Generator<{ readonly device: string; readonly at: number; readonly rows: readonly Row[] }> {
  for (let index = 0; index < rows.length;) {
    const { device, at } = rows[index] ?? {};
    const from = index;
    while (rows[index]?.device === device && rows[index]?.at === at && index < rows.length) index += 1;
    yield { device: String(device), at: Number(at), rows: rows.slice(from, index) };
  }
}

function propertiesOf({ device, paths }: HistoryRange): { readonly where: string; readonly values: readonly Value[] } {
  const conditions = [
    ...(device === undefined ? [] : ['p.device = ?']),
    ...(paths === undefined ? [] : [paths.length === 0 ? '1 = 0' : `p.path IN (${paths.map(() => '?').join(', ')})`]),
  ];
  return { where: ['1 = 1', ...conditions].join(' AND '), values: [...(device === undefined ? [] : [device]), ...(paths ?? [])] };
}

function seriesOf({ device, path, unit, datatype }: Row): Series {
  const known = String(unit);
  return {
    device: String(device),
    path: String(path),
    datatype: datatype as Datatype,
    ...(known in UNITS && { unit: known as Unit }),
  };
}

function valueOf({ number, text, datatype }: Row): number | boolean | string {
  if (number !== null) return Number(number);
  return datatype === 'boolean' ? text === 'true' : String(text);
}

function summaryOf({ samples, first, last, minimum, maximum, mean }: Row): Summary {
  return {
    count: Number(samples),
    first: Number(first),
    last: Number(last),
    min: Number(minimum),
    max: Number(maximum),
    mean: Number(mean),
  };
}
