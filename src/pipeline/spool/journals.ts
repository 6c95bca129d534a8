import { mkdirSync, rmSync } from 'node:fs';
import type { Recorded } from '../sink.js';
import { isSystemError } from '../system-error.js';
import { Journal, recoverJournals, type Recovered } from './journal.js';
import type { Cursors, Devices } from './records.js';
import type { Trouble } from './trouble.js';

/** A journal is followed by another when it is so long; one that is shorter than the least is not worth another. */
const LENGTHS = { least: 4_096, most: 16_384 } as const;

/** The journals that are not done with, oldest first; the last is appended to. */
export class Journals {
  readonly #folder: string;
  readonly #known: Devices;
  readonly #trouble: Trouble;
  #list: Journal[] = [];
  #bytes = 0;
  /** Of the next file: higher than those of all that are there. */
  #number = 1;

  constructor(folder: string, known: Devices, trouble: Trouble) {
    this.#folder = folder;
    this.#known = known;
    this.#trouble = trouble;
  }

  get list(): readonly Journal[] {
    return this.#list;
  }

  /** What they occupy in memory, about. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What an earlier run left; its files stay until they are removed. */
  recover(): Recovered {
    const recovered = this.#guarded(() => {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      return recoverJournals(this.#folder, this.#known);
    });
    this.#number = (recovered?.number ?? 0) + 1;
    return recovered ?? { number: 0, paths: [], records: [], cursors: undefined };
  }

  /** Removes files of an earlier run. */
  removeFiles(paths: readonly string[]): void {
    this.#guarded(() => {
      for (const path of paths) rmSync(path, { force: true });
    });
  }

  append(record: Recorded, now: number, cursors: () => Cursors): void {
    const journal = this.#open(cursors);
    const before = journal.bytes;
    journal.append(record, now);
    this.#bytes += journal.bytes - before;
  }

  /** Notes how far the sinks are. */
  note(cursors: () => Cursors): void {
    this.#open(cursors).note(cursors());
  }

  /** When the first reading after a sequence came; undefined when there is none. */
  since(sequence: number): number | undefined {
    return this.after(sequence)?.since(sequence);
  }

  /** The first journal with a reading after a sequence. */
  after(sequence: number): Journal | undefined {
    return this.#list.find(({ extent }) => extent.last > sequence);
  }

  /** Lets go of those that hold nothing after a sequence. */
  release(sequence: number): void {
    const current = this.#list.at(-1);
    for (const journal of this.#list) {
      if (journal.extent.last > sequence) return;
      if (journal !== current || journal.written >= LENGTHS.least) this.remove(journal);
    }
  }

  /** What a journal holds is elsewhere, or given up. */
  remove(journal: Journal): void {
    journal.remove();
    this.#bytes -= journal.bytes;
    this.#list = this.#list.filter((other) => other !== journal);
  }

  /** Leaves them for the next run. */
  close(): void {
    for (const journal of this.#list) journal.close();
  }

  #open(cursors: () => Cursors): Journal {
    const current = this.#list.at(-1);
    if (current && current.written < LENGTHS.most) return current;
    current?.seal();
    const journal = new Journal(this.#folder, this.#number++, this.#known, this.#trouble);
    journal.note(cursors());
    this.#list.push(journal);
    return journal;
  }

  #guarded<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!isSystemError(error)) throw error;
      this.#trouble.begin(error.message);
      return undefined;
    }
  }
}
