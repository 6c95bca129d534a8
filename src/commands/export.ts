import { resolve } from 'node:path';
import { propertyAt, type Device } from '../model/device.js';
import { LinkError } from '../model/errors.js';
import {
  RESOLUTIONS,
  type HistoryRange,
  type HistoryReader,
  type IntervalResolution,
  type Series,
  type StoredInterval,
} from '../pipeline/history.js';
import { intervalsOf, type Span } from '../pipeline/intervals.js';
import { localTimeOf, type LocalTime } from '../sinks/local-time.js';
import { EXIT, Failure, UsageError, type CommandContext, type Options } from './command.js';
import { FORMATS, type Rows } from './export-rows.js';
import { count, text } from './options.js';
import { OutputFile } from './output-file.js';
import { parseRange } from './range.js';
import { storeOf, zoneOf, type Store } from './store.js';

/** What `export --help` says. */
export const HELP = `Writes what a store of an environment holds. The service may go on meanwhile.

Usage:
  smart-meter-reader export <environment> [options]

Options:
  --sink <name>         which store: the name of a [sinks.<name>]; needed where there are several
  --device <id>         of one meter, otherwise of all
  --property <path>     node/property, such as energy/imported-total, or several with commas between
                        them; otherwise all
  --from <time>, --to <time>
                        such as 2026, 2026-01, 2026-01-15, 2026-01-15T12:30 or 2026-01-15T12:30:00Z; a
                        year, a month or a day is exported whole, an instant of --to is not included
  --zone <time zone>    of these times, and of days and months; otherwise that of the meter's settings,
                        else of the store's, else of this machine
  --resolution <r>      raw (the default), or summed up by 15m, 1d or 1M: how many values, the first,
                        the last, the least, the most and the mean
  --format <f>          csv (the default), json (an object a line) or line-protocol (of InfluxDB)
  -o, --output <file>   otherwise standard output

Times are written in UTC. A CSV is what a sink "csv" writes, and what "backfill" loads into another store:
  smart-meter-reader export house --sink csv -o house.csv
  smart-meter-reader backfill house --sink sql house.csv
Exit codes: 0 written, 69 the store cannot be reached, 73 the file cannot be written, 64, 70, 78 as always.
`;

/** How often others have their turn while rows are written, in rows. */
const ROWS_PER_CHUNK = 200;

/** What is to be written, and how. */
interface Export {
  readonly range: HistoryRange;
  readonly resolution: (typeof RESOLUTIONS)[number];
  readonly timeZone: string;
  readonly time: LocalTime;
  readonly rows: Rows;
}

/**
 * Writes a range of what a store holds.
 * @returns the exit code
 * @throws Failure the store cannot be read, or the file not be written
 */
export async function exportCommand(names: readonly string[], options: Options, context: CommandContext): Promise<number> {
  const [name, ...others] = names;
  if (name === undefined || others.length > 0) throw new UsageError('name one environment to export');
  const store = await storeOf(name, { sink: text(options.sink), settings: text(options.settings) }, 'read', context);
  const wanted = wantedOf(options, store);
  const path = text(options.output);
  const file = path === undefined ? undefined : await OutputFile.create(resolve(context.cwd, path));
  try {
    const written = await exportFrom(store, wanted, file, context);
    await file?.complete();
    context.stderr(`${count(written, wanted.resolution === 'raw' ? 'reading' : 'interval')}\n`);
    return EXIT.ok;
  } catch (error) {
    await file?.drop();
    if (context.stop.aborted) throw new Failure(EXIT.unavailable, 'stopped before everything was written', { cause: error });
    if (error instanceof LinkError) throw new Failure(EXIT.unavailable, error.message, { cause: error });
    throw error;
  }
}

function wantedOf(options: Options, store: Store): Export {
  const resolution = oneOf('--resolution', RESOLUTIONS, text(options.resolution) ?? 'raw');
  const format = oneOf('--format', Object.keys(FORMATS) as (keyof typeof FORMATS)[], text(options.format) ?? 'csv');
  const paths = text(options.property)?.split(',');
  const wrong = paths?.find((path) => !/^[a-z0-9-]+\/[a-z0-9-]+$/.test(path));
  if (wrong !== undefined) throw new UsageError(`--property takes node/property, such as energy/imported-total, not "${wrong}"`);
  const timeZone = zoneOf(options, store);
  const { from, to } = parseRange({ from: text(options.from), to: text(options.to) }, timeZone);
  const time = localTimeOf(timeZone);
  const range = { device: text(options.device), paths, from, to };
  return { range, resolution, timeZone, time, rows: FORMATS[format](time, resolution === 'raw') };
}

/** @returns how many readings or intervals there were */
async function exportFrom(
  { kind, sink, device, context: sinkContext }: Store,
  wanted: Export,
  file: OutputFile | undefined,
  { stdout, stop }: CommandContext,
): Promise<number> {
  const reader = await kind.reader?.(sink.settings, sinkContext, stop);
  if (!reader) throw new Failure(EXIT.config, `${sink.name} cannot be read back`);
  try {
    return await writeAll(
      { ...wanted, reader, device },
      async (chunk) => {
        if (file) await file.append(chunk);
        else stdout(chunk);
      },
      stop,
    );
  } finally {
    await reader.close();
  }
}

/**
 * Writes what a reader gives, in chunks.
 * @returns how many readings or intervals there were
 */
async function writeAll(
  {
    reader,
    device,
    range,
    resolution,
    timeZone,
    time,
    rows,
  }: Export & { readonly reader: HistoryReader; readonly device: Device },
  write: (chunk: string) => Promise<void>,
  signal: AbortSignal,
): Promise<number> {
  let written = 0;
  let chunk = rows.head(withUnits(await reader.series(range, signal), device));
  for await (const row of rowsOf()) {
    chunk += row;
    written += 1;
    if (written % ROWS_PER_CHUNK > 0) continue;
    await write(chunk);
    chunk = '';
    signal.throwIfAborted();
  }
  await write(chunk);
  return written;

  async function* rowsOf(): AsyncGenerator<string> {
    if (resolution === 'raw') {
      for await (const reading of reader.readings(range, signal)) yield rows.reading(reading);
      return;
    }
    const kept = reader.intervals?.({ ...range, resolution, timeZone }, signal);
    const intervals = kept ?? intervalsOf(reader.readings(range, signal), spanOf(resolution, time), range);
    for await (const interval of intervals) yield rows.interval(withPlainMeans(interval));
  }
}

/** Series with the units that the meter is known to have, where the store does not know them. */
function withUnits(series: readonly Series[], { id, nodes }: Device): Series[] {
  return series.map((each) => {
    const unit = each.unit ?? (each.device === id ? propertyAt(nodes, each.path)?.unit : undefined);
    return { ...each, ...(unit !== undefined && { unit }) };
  });
}

/** Stores leave noise behind these digits of a mean, each another one. */
const MEAN_DIGITS = 12;

function withPlainMeans(interval: StoredInterval): StoredInterval {
  const values = Object.entries(interval.values).map(([path, summary]) => {
    return [path, { ...summary, mean: Number(summary.mean.toPrecision(MEAN_DIGITS)) }] as const;
  });
  return { ...interval, values: Object.fromEntries(values) };
}

const QUARTER_MS = 900_000;

function spanOf(resolution: IntervalResolution, time: LocalTime): (at: number) => Span {
  switch (resolution) {
    case '15m':
      return (at) => {
        const from = Math.floor(at / QUARTER_MS) * QUARTER_MS;
        return { from, to: from + QUARTER_MS };
      };
    case '1d':
      return (at) => time.day(at);
    case '1M':
      return (at) => time.month(at);
  }
}

function oneOf<W extends string>(option: string, words: readonly W[], written: string): W {
  const found = words.find((word) => word === written);
  if (found === undefined) throw new UsageError(`${option} takes one of ${words.join(', ')}, not "${written}"`);
  return found;
}
