import type { Clock, Logger } from '../../model/ports.js';
import type { Reading } from '../../model/reading.js';
import { scopeOf, unlessAborted, type Scope } from '../clock.js';
import { isHostTime } from '../meter-clock.js';
import { Remarks } from '../remarks.js';
import { isSystemError } from '../system-error.js';
import { encodeBlock, extentOf, type Extent } from './block.js';
import { makeRoom } from './bounds.js';
import { Journals } from './journals.js';
import { SpoolReader } from './reader.js';
import { Devices, encodeCursors, furthest, recordOf, type Cursors } from './records.js';
import { Segments } from './segments.js';
import { Trouble } from './trouble.js';
import { SetBack } from './set-back.js';
import { Untimed } from './untimed.js';

/** What may wait in memory before it goes to disk ahead of its time, and what is kept there while the disk takes nothing: a day of a reading a second. */
const MEMORY_BYTES = { usual: 2 ** 20, most: 4 * 2 ** 20 } as const;
/** What a spool is kept with. */
export interface SpoolOptions {
  /** The folder on disk. */
  readonly folder: string;
  /** The folder of what is younger than `syncMs`: best one that is memory and outlives the process. */
  readonly journalFolder: string;
  /** The names of the sinks that it is kept for. */
  readonly sinks: readonly string[];
  readonly clock: Clock;
  readonly log: Logger;
  /** What a power cut may cost at the most, in time. */
  readonly syncMs: number;
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  /** How long a file grows; a sixteenth of what there may be at the most, 1 MiB by default. */
  readonly segmentBytes?: number;
}

/** What became of readings, counted since the program started. */
export interface SpoolFigures {
  /** Readings left out in favour of coarser samples. */
  readonly thinned: number;
  /** Readings given up: too old, or no room. */
  readonly dropped: number;
  /** Stretches of the files that could not be read. */
  readonly damaged: number;
  /** Occupied on disk now. */
  readonly bytes: number;
}

/**
 * The readings of one environment that not all of its histories have yet, in the order in which they came.
 *
 * A reading is first in a journal (see `Journal`), which costs no disk and outlives the process. What a history has not taken after `syncMs` goes to disk,
 * together with what came since, in one block, and is synced. So a store that is up costs no disk at all, one that is away a block each
 * `syncMs`; a process that is killed loses nothing, a power cut what came within `syncMs`.
 */
export class Spool {
  readonly #options: SpoolOptions;
  readonly #known = new Devices();
  readonly #segments: Segments;
  readonly #journals: Journals;
  readonly #trouble: Trouble;
  readonly #remarks: Remarks;
  readonly #cursors = new Map<string, number>();
  readonly #figures = { thinned: 0, dropped: 0 };
  readonly #untimed: Untimed;
  readonly #setBack = new SetBack();
  readonly #listeners = new Set<() => void>();
  #next: number;
  /** What the disk knows of the cursors. */
  #saved = '';
  #wait: Scope | undefined;

  private constructor(options: SpoolOptions) {
    const { clock, log, folder, journalFolder, maxBytes } = options;
    const { segmentBytes = Math.min(2 ** 20, Math.floor(maxBytes / 16)) } = options;
    this.#options = options;
    this.#remarks = new Remarks(clock);
    this.#untimed = new Untimed(clock);
    this.#segments = new Segments({ folder, log, known: this.#known, segmentBytes });
    this.#trouble = new Trouble(log, 'cannot keep readings on disk, only in memory', 'readings can be kept on disk again');
    const crash = new Trouble(log, 'a crash would cost the newest readings', 'a crash no longer costs the newest readings');
    this.#journals = new Journals(journalFolder, this.#known, crash);
    // Beyond what a spool that is lost has given, as long as the host's clock is not set back.
    this.#next = Math.max(1, Math.floor(clock.now()));
  }

  /** Takes up what an earlier run left. What cannot be read is said and left out. */
  static open(options: SpoolOptions): Spool {
    const spool = new Spool(options);
    spool.#recover();
    return spool;
  }

  /** What was counted, as of now. */
  get figures(): SpoolFigures {
    const dropped = this.#figures.dropped + this.#untimed.dropped;
    return { ...this.#figures, dropped, damaged: this.#segments.damaged, bytes: this.#segments.bytes };
  }

  /** Takes a reading into custody: from now on a crash does not lose it. Never waits. */
  append(reading: Reading): void {
    for (const timed of this.#untimed.pass(reading)) this.#put(this.#setBack.keepApart(timed));
  }

  /** A reader of it, for one sink. */
  reader(): SpoolReader {
    return new SpoolReader(this.#segments, this.#journals, this.#known);
  }

  /** The sequence of the last reading that a sink has taken; the end of the spool for one that it does not know. */
  cursorOf(sink: string): number {
    return this.#cursors.get(sink) ?? this.#last;
  }

  /** A sink has everything up to a sequence. */
  acknowledge(sink: string, sequence: number): void {
    if (sequence <= this.cursorOf(sink)) return;
    this.#cursors.set(sink, sequence);
    const slowest = this.#slowest;
    this.#onDisk(() => {
      this.#segments.replace(this.#segments.list.filter(({ last }) => last <= slowest));
    });
    this.#journals.release(slowest);
    if (this.#journals.list.length > 0 || this.#segments.list.length > 0) this.#journals.note(this.#cursorsNow);
  }

  /** About how many readings there are after a sequence; zero only when there are none. */
  countAfter(sequence: number): number {
    const extents = [...this.#segments.list, ...this.#journals.list.map(({ extent }) => extent)];
    return extents.reduce((sum, { first, last, count }) => {
      if (last <= sequence) return sum;
      return sum + (first > sequence ? count : Math.ceil((count * (last - sequence)) / (last - first + 1)));
    }, 0);
  }

  /** When the first reading after a sequence came, on the monotonic clock; -Infinity for what is on disk. */
  since(sequence: number): number | undefined {
    return this.#segments.last > sequence ? -Infinity : this.#journals.since(sequence);
  }

  /** Has `listener` called at every reading. */
  listen(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Saves on disk what must be there by then, and keeps the spool in its bounds, until `stop` aborts; then saves what is left, at once. */
  async keep(stop: AbortSignal): Promise<void> {
    const { clock, syncMs } = this.#options;
    let failed = false;
    while (!stop.aborted) {
      using wait = scopeOf(stop);
      this.#wait = wait;
      const now = clock.monotonic();
      const since = failed ? undefined : this.#journals.since(this.#slowest);
      await unlessAborted(wait.signal, clock.sleep(Math.max(0, (since ?? now) + syncMs - now), wait.signal));
      if (!stop.aborted) failed = !(await this.#save());
    }
    await this.#save();
    this.#segments.close();
    this.#journals.close();
  }

  get #last(): number {
    return this.#next - 1;
  }

  /** What all sinks have. */
  get #slowest(): number {
    return Math.min(...this.#options.sinks.map((sink) => this.cursorOf(sink)));
  }

  readonly #cursorsNow = (): Cursors => Object.fromEntries(this.#options.sinks.map((sink) => [sink, this.cursorOf(sink)]));

  #recover(): void {
    const { sinks, clock, log } = this.#options;
    this.#onDisk(() => {
      this.#segments.recover();
    });
    const { paths, records, cursors } = this.#journals.recover();
    const known = furthest(this.#segments.cursors, cursors);
    const onDisk = this.#segments.last;
    const unsaved = records.filter(({ sequence }, index) => sequence > Math.max(onDisk, records[index - 1]?.sequence ?? 0));
    this.#next = Math.max(
      this.#next,
      onDisk + 1,
      (unsaved.at(-1)?.sequence ?? 0) + 1,
      ...Object.values(known ?? {}).map((last) => last + 1),
    );
    // Where nothing is known of any sink, readings come again rather than not at all.
    for (const sink of sinks) this.#cursors.set(sink, known ? (known[sink] ?? this.#last) : 0);
    const slowest = this.#slowest;
    for (const record of unsaved)
      if (record.sequence > slowest) this.#journals.append(record, clock.monotonic(), this.#cursorsNow);
    this.#journals.removeFiles(paths);
    const { damaged } = this.#segments;
    if (damaged > 0) log.warn('parts of the kept readings are damaged and left out', { parts: damaged });
  }

  #put(reading: Reading): void {
    const record = recordOf(reading, this.#next++);
    this.#journals.append(record, this.#options.clock.monotonic(), this.#cursorsNow);
    if (this.#journals.bytes > MEMORY_BYTES.usual) this.#spill();
    for (const listener of this.#listeners) listener();
  }

  /** More came than memory is for: it goes to disk ahead of its time, and where that is not possible the oldest is given up. */
  #spill(): void {
    if (this.#store()) this.#wait?.abort();
    const slowest = this.#slowest;
    while (this.#journals.bytes > MEMORY_BYTES.most) {
      const [oldest] = this.#journals.list;
      if (!oldest) return;
      if (oldest.extent.last > slowest) this.#drop(oldest.extent.count);
      this.#journals.remove(oldest);
    }
  }

  #drop(readings: number): void {
    this.#figures.dropped += readings;
    this.#remarks.make('dropped', () => {
      this.#options.log.warn('the oldest readings that a sink has not taken are given up: there is no more room for them');
    });
  }

  /** Saves what is due, and makes room where there is too much. @returns whether the disk took it */
  async #save(): Promise<boolean> {
    const isStored = this.#store() && this.#storeCursors();
    const isSynced = await this.#onDiskAsync(() => this.#segments.sync());
    const isBounded = await this.#onDiskAsync(() => this.#makeRoom());
    return isStored && isSynced && isBounded;
  }

  /** Moves what the journals hold to the disk, unless all sinks have it already. @returns whether the disk took it */
  #store(): boolean {
    const slowest = this.#slowest;
    return this.#onDisk(() => {
      for (const journal of [...this.#journals.list]) {
        if (journal.extent.last > slowest) this.#append(journal.extent, journal.stream);
        this.#journals.remove(journal);
      }
    });
  }

  /** Notes on disk how far the sinks are with what is there, when that has changed. */
  #storeCursors(): boolean {
    if (this.#segments.list.length === 0 || JSON.stringify(this.#cursorsNow()) === this.#saved) return true;
    return this.#onDisk(() => {
      this.#append(extentOf([]), Buffer.alloc(0));
    });
  }

  #append(extent: Extent, stream: Buffer): void {
    const cursors = this.#cursorsNow();
    this.#segments.append(encodeBlock(extent, Buffer.concat([encodeCursors(cursors), stream])), extent);
    this.#saved = JSON.stringify(cursors);
    this.#trouble.end();
  }

  async #makeRoom(): Promise<void> {
    const { clock, maxBytes, maxAgeMs } = this.#options;
    const oldestAt = isHostTime(clock.now()) ? clock.now() - maxAgeMs : -Infinity;
    const { thinned, dropped } = await makeRoom(this.#segments, this.#known, { maxBytes, oldestAt });
    this.#figures.thinned += thinned;
    if (thinned > 0) {
      this.#remarks.make('thinned', () => {
        this.#options.log.warn(
          'the oldest readings that a sink has not taken are kept in coarser steps: there is no more room for all',
        );
      });
    }
    if (dropped > 0) this.#drop(dropped);
  }

  /** Calls what the disk may refuse. @returns whether it did not */
  #onDisk(work: () => void): boolean {
    try {
      work();
      return true;
    } catch (error) {
      this.#excuse(error);
      return false;
    }
  }

  async #onDiskAsync(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      this.#excuse(error);
      return false;
    }
  }

  #excuse(error: unknown): void {
    if (!isSystemError(error)) throw error;
    this.#trouble.begin(error.message);
  }
}
