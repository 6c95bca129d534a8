import type { Clock } from '../../model/ports.js';
import type { QueueItem } from '../../model/reading.js';
import { Bell } from '../bell.js';
import { reasonOf, within } from '../clock.js';
import type { Outbox } from '../mailbox.js';
import type { Batch, Recorded } from '../sink.js';
import type { SpoolReader } from './reader.js';
import type { Spool } from './spool.js';
import { slotOf } from './thin.js';

/** What a mailbox serves from the spool. */
export interface SpoolMailboxOptions {
  readonly spool: Spool;
  /** The sink's, by which the spool knows how far it is. */
  readonly name: string;
  readonly batch: Batch;
  readonly clock: Clock;
  /** Hand over only the first reading of each such interval of measured time. */
  readonly everyMs?: number | undefined;
}

/** What the spool holds for one history: readings in order, in batches, each until it is acknowledged. */
export class SpoolMailbox implements Outbox {
  readonly durable = true;
  readonly #options: SpoolMailboxOptions;
  readonly #reader: SpoolReader;
  readonly #closing = new AbortController();
  readonly #changed = new Bell();
  /** What came back, to be taken again. */
  #restored: readonly Recorded[] = [];
  /** The sequence of the last reading that was taken. */
  #taken: number;
  #merged = 0;
  /** The interval that each meter was last heard in. */
  readonly #slots = new Map<string, string>();

  constructor(options: SpoolMailboxOptions) {
    this.#options = options;
    const { spool, name } = options;
    this.#reader = spool.reader();
    this.#taken = spool.cursorOf(name);
    spool.listen(() => {
      this.#changed.ring();
    });
  }

  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  get length(): number {
    return this.#restored.length + this.#options.spool.countAfter(this.#taken);
  }

  /** How many readings were left out since another of their interval was handed over. */
  get merged(): number {
    return this.#merged;
  }

  /** How many readings the spool had no room for. */
  get dropped(): number {
    const { thinned, dropped } = this.#options.spool.figures;
    return thinned + dropped;
  }

  /** What fits into one batch can still be taken; the rest is for the next run. */
  close(): void {
    this.#closing.abort();
    this.#changed.ring();
  }

  restore(items: readonly QueueItem[]): void {
    // What is restored was taken here.
    this.#restored = items as readonly Recorded[];
  }

  acknowledge(): void {
    const { spool, name } = this.#options;
    if (this.#restored.length === 0) spool.acknowledge(name, this.#taken);
  }

  async take(signal: AbortSignal): Promise<readonly Recorded[] | undefined> {
    for (;;) {
      if (signal.aborted) throw reasonOf(signal);
      const { batch, clock } = this.#options;
      if (this.closed.aborted && (this.length === 0 || this.length > batch.items)) return undefined;
      const waitMs = this.#waitMs();
      if (waitMs <= 0) {
        const items = await this.#read(signal);
        if (items.length > 0) return items;
      } else if (waitMs < Infinity) await within(clock, waitMs, signal, (waiting) => this.#changed.next(waiting));
      else await this.#changed.next(signal);
    }
  }

  /** How long it is until a batch is ready. */
  #waitMs(): number {
    const { spool, batch, clock } = this.#options;
    if (this.length === 0) return Infinity;
    if (this.closed.aborted || this.length >= batch.items || this.#restored.length > 0) return 0;
    return (spool.since(this.#taken) ?? -Infinity) + batch.ms - clock.monotonic();
  }

  async #read(signal: AbortSignal): Promise<readonly Recorded[]> {
    const { batch } = this.#options;
    const more = await this.#reader.read(this.#taken, batch.items - this.#restored.length);
    // The connection may be lost by now: nothing was taken then.
    if (signal.aborted) throw reasonOf(signal);
    this.#taken = more.upTo;
    const items = [...this.#restored, ...more.records.filter((record) => this.#isWanted(record))];
    this.#restored = [];
    // What nobody wants is done with.
    if (items.length === 0) this.acknowledge();
    return items;
  }

  #isWanted(record: Recorded): boolean {
    const { everyMs } = this.#options;
    if (everyMs === undefined) return true;
    const what = slotOf(record, Infinity);
    const slot = slotOf(record, everyMs);
    if (this.#slots.get(what) === slot) {
      this.#merged += 1;
      return false;
    }
    if (this.#slots.size >= 1_000) this.#slots.clear();
    this.#slots.set(what, slot);
    return true;
  }
}
