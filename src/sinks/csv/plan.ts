import type { Recorded } from '../../pipeline/sink.js';
import type { LocalTime } from '../local-time.js';
import { isStored, type Checkpoint, type OpenFile } from './checkpoint.js';
import { headerOf, highestNumber, reopen } from './files.js';
import { joinCells } from './line.js';
import { fill, numbered } from './names.js';
import { withGas, type Table } from './tables.js';

/** A day's file is closed so long after its end: what comes late has mostly come by then. */
const LATE_MS = 7_200_000;

/** When a file is full; a day's never is. */
export interface Limits {
  readonly bytes: number;
  readonly lines: number;
  /** From its first reading. */
  readonly ageMs: number;
}

/** What is written to a file, and where in it. */
export interface Addition {
  readonly path: string;
  readonly at: number;
  readonly text: string;
}

/** What readings become: text at the end of files, and the checkpoint that confirms it. */
export interface Plan {
  /** Of files that are whole then it knows nothing. */
  readonly checkpoint: Checkpoint;
  readonly additions: readonly Addition[];
  /** Files that the checkpoint before does not know, as they are before anything is written. */
  readonly begun: readonly OpenFile[];
  /** The paths of files that are whole then. */
  readonly ended: readonly string[];
}

/** What a plan is made with. */
export interface PlanOptions {
  readonly folder: string;
  readonly tables: readonly Table[];
  readonly limits: Limits;
  readonly time: LocalTime;
}

/** Decides what goes where. Files that are closed already and get late readings are opened again; nothing else is changed. */
export async function plan(options: PlanOptions, before: Checkpoint, items: readonly Recorded[]): Promise<Plan> {
  const draft = new Draft(options, before);
  for (const record of items) if (!isStored(before, record)) await draft.add(record);
  return draft.done();
}

class Draft {
  readonly #options: PlanOptions;
  readonly #before: Checkpoint;
  /** By their keys. */
  readonly #files: Map<string, OpenFile>;
  readonly #additions = new Map<string, Addition>();
  readonly #begun: OpenFile[] = [];
  readonly #ended: string[] = [];
  readonly #newest: Record<string, number>;
  #sequence: number;
  #gas: Checkpoint['gas'];

  constructor(options: PlanOptions, before: Checkpoint) {
    this.#options = options;
    this.#before = before;
    this.#files = new Map(before.files.map((file) => [file.key, file]));
    this.#newest = { ...before.newest };
    this.#sequence = before.sequence;
    this.#gas = before.gas;
  }

  async add(record: Recorded): Promise<void> {
    const { device, at, sequence } = record;
    this.#gas = withGas(this.#gas, record);
    for (const table of this.#options.tables) {
      const header = table.header(device);
      // Whether there is a line does not depend on the file.
      if (table.line(record, header, this.#gas) === undefined) continue;
      const file = await this.#fileFor(table, record, header);
      const text = `${table.line(record, file.header, this.#gas) ?? ''}${table.newline}`;
      // What is begun has its header with its first line.
      const isBare = file.bytes === 0 && file.header.length > 0;
      this.#append(file, isBare ? `${joinCells(file.header)}${table.newline}${text}` : text);
    }
    this.#newest[device.id] = Math.max(this.#newest[device.id] ?? -Infinity, at);
    this.#sequence = Math.max(this.#sequence, sequence);
  }

  done(): Plan {
    const newest = Math.max(...Object.values(this.#newest));
    for (const file of this.#files.values()) if (newest >= (file.endsAt ?? Infinity) + LATE_MS) this.#end(file);
    const files = [...this.#files.values()];
    const checkpoint = { ...this.#before, sequence: this.#sequence, newest: this.#newest, gas: this.#gas, files };
    return { checkpoint, additions: [...this.#additions.values()], begun: this.#begun, ended: this.#ended };
  }

  async #fileFor({ template }: Table, record: Recorded, needed: readonly string[]): Promise<OpenFile> {
    const { time } = this.#options;
    const begins = time.face(record.at).slice(0, 'YYYY-MM-DDThh:mm:ss'.length).replaceAll(/\D/g, '');
    const parts = { device: record.device.id, date: time.date(record.at) };
    const key = fill(template, { ...parts, time: 'time' });
    const current = this.#files.get(key);
    if (current && holds(current.header, needed) && !this.#isFull(current, record.at)) return current;
    if (current) this.#end(current);
    const path = fill(template, { ...parts, time: begins });
    const endsAt = template.includes('{date}') ? time.day(record.at).to : undefined;
    const like = { key, lines: 0, firstAt: record.at, endsAt };
    const again = endsAt !== undefined && !current ? await this.#again(path, needed) : undefined;
    const file = { ...like, ...(again ?? (await this.#anew(path, union(current?.header ?? [], needed)))) };
    this.#begun.push(file);
    this.#files.set(key, file);
    return file;
  }

  #isFull({ bytes, lines, firstAt, endsAt }: OpenFile, at: number): boolean {
    const { limits } = this.#options;
    return endsAt === undefined && (bytes >= limits.bytes || lines >= limits.lines || at - firstAt >= limits.ageMs);
  }

  /** The last file of a day that was closed, where it can hold the reading. */
  async #again(path: string, needed: readonly string[]): Promise<Pick<OpenFile, 'path' | 'header' | 'bytes'> | undefined> {
    const { folder } = this.#options;
    const number = await highestNumber(folder, path);
    if (number === 0) return undefined;
    const last = numbered(path, number);
    const header = needed.length === 0 ? [] : await headerOf(folder, last);
    return holds(header, needed) ? { path: last, header, bytes: await reopen(folder, last) } : undefined;
  }

  async #anew(path: string, header: readonly string[]): Promise<Pick<OpenFile, 'path' | 'header' | 'bytes'>> {
    const known = new Set([...this.#before.files, ...this.#begun].map((file) => file.path));
    let number = 1 + (await highestNumber(this.#options.folder, path));
    while (known.has(numbered(path, number))) number += 1;
    return { path: numbered(path, number), header, bytes: 0 };
  }

  #append(file: OpenFile, text: string): void {
    const { path, bytes, key } = file;
    const before = this.#additions.get(path);
    this.#additions.set(path, before ? { ...before, text: before.text + text } : { path, at: bytes, text });
    this.#files.set(key, { ...file, bytes: bytes + Buffer.byteLength(text), lines: file.lines + 1 });
  }

  #end({ key, path }: OpenFile): void {
    this.#files.delete(key);
    this.#ended.push(path);
  }
}

function holds(header: readonly string[], needed: readonly string[]): boolean {
  return header === needed || needed.every((column) => header.includes(column));
}

function union(one: readonly string[], other: readonly string[]): readonly string[] {
  return [...one, ...other.filter((column) => !one.includes(column))];
}
