import { resolve } from 'node:path';
import { CLIENTS } from '../clients/index.js';
import { LinkError } from '../model/errors.js';
import { systemClock } from '../pipeline/clock.js';
import type { HistorySink } from '../pipeline/sink.js';
import { isCapture, startOf } from '../transports/capture.js';
import { readCapture } from './capture-file.js';
import { capturedReadings } from './captured.js';
import { EXIT, Failure, UsageError, type CommandContext, type Options } from './command.js';
import { load, type Loaded } from './loading.js';
import { count, numberOf, text } from './options.js';
import { Progress } from './progress.js';
import { parseInstant } from './range.js';
import { storeOf, zoneOf, type Store } from './store.js';
import { InputFile } from './table-file.js';
import { KNOWN_TABLES, layoutOf } from './table-layouts.js';
import { TableReader } from './table-reader.js';

/** What `backfill --help` says. */
export const HELP = `Loads what was measured earlier into a store of an environment: a table or a recording.

Usage:
  smart-meter-reader backfill <environment> <file> [options]

Options:
  --sink <name>         into which store: the name of a [sinks.<name>]; needed where there are several
  --from-line <n>       go on with this line of a table, where it was stopped
  --started <time>      when a recording was begun that does not say so itself
  --zone <time zone>    of times without an offset; otherwise that of the meter's settings, else of the
                        store's, else of this machine

A table is a CSV, packed by gzip or not, that "export" or a sink "csv" of any preset has written, with its first
line. A recording is what "record" wrote; it goes through the client of the environment, as with "replay".
Loading the same again changes nothing in a store that replaces what it has of the same meter, property and
time: InfluxDB, SQL; a sink "csv" holds the lines twice then, and is read back once. What cannot be read or
is refused is told with its line; all the rest is loaded.
Exit codes: 0 all is loaded, 65 all but what is told, 66 the file cannot be read, 69 the store cannot be
reached, 64, 70, 78 as always.
`;

/** How many rejected lines are told one by one. */
const MOST_TOLD = 20;
const DAY_MS = 86_400_000;

/** A source of readings, and how much of it was read, from 0 to 1. */
interface Source {
  readonly items: AsyncGenerator<Loaded>;
  readonly fraction: () => number | undefined;
  close(): Promise<void>;
}

/**
 * Loads a file into a store.
 * @returns the exit code
 * @throws Failure the file cannot be read, or the store not be reached
 */
export async function backfillCommand(names: readonly string[], options: Options, context: CommandContext): Promise<number> {
  const [name, file, ...others] = names;
  if (name === undefined || file === undefined || others.length > 0) throw new UsageError('name an environment and a file');
  const fromLine = numberOf('--from-line', options['from-line'], { min: 1, max: Number.MAX_SAFE_INTEGER, whole: true }) ?? 1;
  const store = await storeOf(name, { sink: text(options.sink), settings: text(options.settings) }, 'write', context);
  // What declares itself a history is one.
  const sink = store.kind.create(store.sink.settings, store.context) as HistorySink;
  const journal = new Journal(context);
  const source = await sourceOf(resolve(context.cwd, file), { options, store, fromLine, journal }, context);
  const report = {
    written: (written: number, last: Loaded) => {
      journal.written(written, last, source.fraction());
    },
    rejected: (items: readonly Loaded[], reason: string) => {
      for (const { where } of items) journal.reject(where, reason);
    },
  };
  try {
    await load(sink, source.items, report, store.context, context);
  } catch (error) {
    if (!(error instanceof LinkError) && !(error instanceof Failure)) throw error;
    journal.finish(false);
    throw error instanceof Failure ? error : new Failure(EXIT.unavailable, error.message, { cause: error });
  } finally {
    await source.items.return(undefined);
    await source.close();
  }
  return journal.finish(!context.stop.aborted);
}

interface SourceOptions {
  readonly options: Options;
  readonly store: Store;
  readonly fromLine: number;
  readonly journal: Journal;
}

async function sourceOf(path: string, of: SourceOptions, context: CommandContext): Promise<Source> {
  const file = await InputFile.open(path);
  const { options, store } = of;
  const timeZone = zoneOf(options, store);
  const started = text(options.started);
  if (started === undefined && !isCapture(await file.beginning()))
    return { items: tableReadings(file, path, timeZone, of), fraction: () => file.fraction, close: () => file.close() };
  await file.close();
  const capture = await readCapture(path, context);
  const startedAt = started === undefined ? startOf(capture) : parseInstant('--started', started, timeZone);
  if (startedAt === undefined)
    throw new Failure(EXIT.data, `${path} does not say when it was recorded: say it with --started, such as 2026-01-15T12:30`);
  const { name } = store.environment;
  const readings = capturedReadings({ environment: name, settings: text(options.settings), path, startedAt }, context);
  return { items: numbered(readings), fraction: () => undefined, close: () => Promise.resolve() };
}

async function* numbered(readings: ReturnType<typeof capturedReadings>): AsyncGenerator<Loaded> {
  let number = 0;
  for await (const reading of readings) {
    number += 1;
    yield { ...reading, at: reading.measuredAt ?? reading.receivedAt, sequence: 0, where: `reading ${number}` };
  }
}

async function* tableReadings(
  file: InputFile,
  path: string,
  timeZone: string,
  { store, fromLine, journal }: SourceOptions,
): AsyncGenerator<Loaded> {
  let table: { readonly reader: TableReader; readonly width: number } | undefined;
  for await (const row of file.rows()) {
    const where = `line ${row.line}`;
    if (row.kind === 'error') journal.reject(where, row.detail);
    else if (!table) {
      table = {
        reader: await readerOf(
          row.cells.map((cell) => cell.text),
          path,
          timeZone,
          store,
        ),
        width: row.cells.length,
      };
      for (const unusable of table.reader.unusable) journal.say(`left out: column ${unusable}`);
    } else if (row.line >= fromLine) {
      if (row.cells.length !== table.width) {
        journal.reject(where, `${count(row.cells.length, 'cell')}, and ${table.width} in the first line`);
        continue;
      }
      const { readings, problems } = table.reader.read(row.cells);
      for (const problem of problems) journal.reject(where, problem);
      for (const reading of readings) yield { ...reading, at: reading.measuredAt, sequence: 0, where, line: row.line };
    }
  }
  if (!table) throw new Failure(EXIT.data, `${path} is empty`);
}

async function readerOf(
  header: readonly string[],
  path: string,
  timeZone: string,
  { device, environment }: Store,
): Promise<TableReader> {
  const layout = layoutOf(header, timeZone);
  if (!layout) {
    const known = Object.values(KNOWN_TABLES).map((names) => names.join(', '));
    throw new Failure(
      EXIT.data,
      `${path} is no recording, and no table that is known here: its first line would have ${known.join('; or ')}`,
    );
  }
  const { catalogue } = await CLIENTS[environment.client.type as keyof typeof CLIENTS]();
  return new TableReader({ layout, device, catalogue, latest: systemClock.now() + DAY_MS });
}

/** What is said of a load: how far it is, what was rejected, what came of it. */
class Journal {
  readonly #context: CommandContext;
  readonly #progress: Progress;
  #count = 0;
  #rejected = 0;
  #last: Loaded | undefined;

  constructor(context: CommandContext) {
    this.#context = context;
    this.#progress = new Progress(context.stdout, systemClock, context.screen);
  }

  written(written: number, last: Loaded, fraction: number | undefined): void {
    this.#count += written;
    this.#last = last;
    this.#progress.update(fraction, this.#count);
  }

  reject(where: string, reason: string): void {
    this.#rejected += 1;
    if (this.#rejected <= MOST_TOLD) this.say(`${where}: ${reason}`);
  }

  say(line: string): void {
    this.#progress.clear();
    this.#context.stderr(`${line}\n`);
  }

  /** @param isWhole whether the file was read to its end @returns the exit code */
  finish(isWhole: boolean): number {
    this.#progress.clear();
    if (this.#rejected > MOST_TOLD) this.say(`… and ${this.#rejected - MOST_TOLD} more`);
    const rejected = this.#rejected > 0 ? `, ${this.#rejected} rejected` : '';
    this.#context.stdout(`${count(this.#count, 'reading')} loaded${rejected}\n`);
    const { line } = this.#last ?? {};
    if (!isWhole) this.say(`stopped before the end${line === undefined ? '' : `: it goes on with --from-line ${line + 1}`}`);
    return isWhole && this.#rejected === 0 ? EXIT.ok : EXIT.data;
  }
}
