import { ConfigError, LinkError } from '../../model/errors.js';
import type { Values } from '../../model/reading.js';
import { UNITS, type Unit } from '../../model/unit.js';
import { reasonOf } from '../../pipeline/clock.js';
import type { HistoryRange, HistoryReader, Series, StoredReading } from '../../pipeline/history.js';
import { isSystemError } from '../../pipeline/system-error.js';
import { headerOf, isDamage, listFiles, readFile } from './files.js';
import { linesOf, parseCell, splitCells, unquote } from './line.js';
import { recogniser, type Parts } from './names.js';
import type { PlanOptions } from './plan.js';
import type { CsvSettings } from './settings.js';
import { NATIVE_FIXED, parseColumn } from './tables.js';

/** A file in whichever form it is, by the path of the closed one. */
interface File {
  readonly path: string;
  readonly parts: Parts;
}

/** A line that is read when its turn comes. */
interface Line {
  readonly device: string;
  readonly at: number;
  readonly text: string;
  readonly header: readonly string[];
}

/** Reads back what the preset `native` has written. It holds one file in memory, or those that span the same time. */
export class CsvReader implements HistoryReader {
  readonly #options: PlanOptions;

  /** @throws ConfigError files of a preset whose lines do not hold everything */
  constructor({ preset }: CsvSettings, options: PlanOptions) {
    if (preset !== 'native')
      throw new ConfigError([{ source: '', key: 'preset', message: 'only files of the preset "native" can be read back' }]);
    this.#options = options;
  }

  async series(range: HistoryRange, signal: AbortSignal): Promise<readonly Series[]> {
    return attempt(this.#options.folder, async () => {
      const found = new Map<string, Series>();
      for (const file of await this.#files(range)) {
        if (signal.aborted) throw reasonOf(signal);
        const header = await headerOf(this.#options.folder, file.path);
        const devices = file.parts.device === undefined ? await this.#devicesOf(file, range, signal) : [file.parts.device];
        for (const device of devices)
          for (const { path, unit } of header.slice(NATIVE_FIXED.length).map(parseColumn))
            if (range.paths?.includes(path) ?? true)
              found.set(`${device} ${path}`, {
                device,
                path,
                ...(unit !== undefined && unit in UNITS && { unit: unit as Unit }),
              });
      }
      return [...found.values()];
    });
  }

  async *readings(range: HistoryRange, signal: AbortSignal): AsyncGenerator<StoredReading> {
    const { folder } = this.#options;
    for (const group of await attempt(folder, () => this.#groups(range, signal))) {
      const lines = await attempt(folder, async () =>
        (await Promise.all(group.map((file) => this.#lines(file, range, signal)))).flat(),
      );
      yield* mergedOf(lines, range);
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** The files that may hold something of the range, by device and time. */
  async #files({ device, from, to }: HistoryRange): Promise<readonly File[]> {
    const { folder, tables, time } = this.#options;
    const recognise = recogniser(tables[0]?.template ?? '');
    const found = new Map<string, File>();
    for (const name of await listFiles(folder)) {
      const parts = recognise(name)?.parts;
      if (!parts || (device !== undefined && (parts.device ?? device) !== device)) continue;
      const isBefore = Number.isFinite(from) && parts.date !== undefined && parts.date < time.date(from);
      const isAfter = Number.isFinite(to) && parts.date !== undefined && parts.date > time.date(to);
      const path = name.replace(/\.(part|gz)$/, '');
      if (!isBefore && !isAfter) found.set(path, { path, parts });
    }
    return [...found.values()];
  }

  /** Files whose times overlap belong together: those of a day, or whichever a late reading has come into. */
  async #groups(range: HistoryRange, signal: AbortSignal): Promise<readonly (readonly File[])[]> {
    const groups: { readonly device: string | undefined; readonly files: File[]; to: number | string }[] = [];
    const spans: { readonly file: File; readonly from: number | string; readonly to: number | string }[] = [];
    for (const file of await this.#files(range)) {
      const { date } = file.parts;
      if (date !== undefined) spans.push({ file, from: date, to: date });
      else {
        const [from, to] = await this.#span(file, signal);
        if (to >= range.from && from < range.to) spans.push({ file, from, to });
      }
    }
    const order = ({ file, from }: (typeof spans)[number]): string =>
      `${file.parts.device ?? ''} ${String(from).padStart(20, '0')}`;
    for (const { file, from, to } of spans.toSorted((one, other) => (order(one) < order(other) ? -1 : 1))) {
      const last = groups.at(-1);
      if (last && last.device === file.parts.device && from <= last.to) {
        last.files.push(file);
        if (to > last.to) last.to = to;
      } else groups.push({ device: file.parts.device, files: [file], to });
    }
    return groups.map(({ files }) => files);
  }

  async #span(file: File, signal: AbortSignal): Promise<readonly [from: number, to: number]> {
    let [first, last] = [Infinity, -Infinity];
    for await (const { at } of this.#read(file, signal)) [first, last] = [Math.min(first, at), Math.max(last, at)];
    return [first, last];
  }

  async #devicesOf(file: File, range: HistoryRange, signal: AbortSignal): Promise<readonly string[]> {
    const devices = new Set<string>();
    for (const { device } of await this.#lines(file, range, signal)) devices.add(device);
    return [...devices];
  }

  async #lines(file: File, { device, from, to }: HistoryRange, signal: AbortSignal): Promise<readonly Line[]> {
    const lines: Line[] = [];
    for await (const line of this.#read(file, signal))
      if (line.at >= from && line.at < to && (device ?? line.device) === line.device) lines.push(line);
    return lines;
  }

  async *#read({ path }: File, signal: AbortSignal): AsyncGenerator<Line> {
    let header: readonly string[] | undefined;
    for await (const text of linesOf((await readFile(this.#options.folder, path)) ?? [])) {
      if (signal.aborted) throw reasonOf(signal);
      if (header === undefined) {
        header = splitCells(text).map(unquote);
        continue;
      }
      const [utc = '', , device = ''] = text.split(',', NATIVE_FIXED.length);
      const at = Date.parse(utc);
      if (!Number.isNaN(at)) yield { device, at, text, header };
    }
  }
}

/** Lines in order of time; of one instant the values of all, the last written of each. */
function* mergedOf(lines: readonly Line[], range: HistoryRange): Generator<StoredReading> {
  const sorted = lines.toSorted((one, other) => one.at - other.at);
  for (let index = 0; index < sorted.length;) {
    const at = sorted[index]?.at ?? 0;
    const devices = new Map<string, Values>();
    for (let line = sorted[index]; line?.at === at; line = sorted[++index])
      devices.set(line.device, { ...devices.get(line.device), ...valuesOf(line, range) });
    for (const [device, values] of devices) if (Object.keys(values).length > 0) yield { device, at, values };
  }
}

function valuesOf({ text, header }: Line, { paths }: HistoryRange): Values {
  const cells = splitCells(text);
  const known = header.slice(NATIVE_FIXED.length).flatMap((column, index) => {
    const { path } = parseColumn(column);
    const value = parseCell(cells[index + NATIVE_FIXED.length] ?? '');
    return value === undefined || !(paths?.includes(path) ?? true) ? [] : [[path, value] as const];
  });
  return Object.fromEntries(known);
}

async function attempt<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isSystemError(error) && !isDamage(error)) throw error;
    throw new LinkError(`cannot read ${folder}: ${error.message}`, { cause: error });
  }
}
