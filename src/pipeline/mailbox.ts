import type { Clock } from '../model/ports.js';
import type { Health, QueueItem, Reading } from '../model/reading.js';
import { Bell } from './bell.js';
import { reasonOf, within } from './clock.js';

/** The side of a mailbox that a sink is served from. */
export interface Outbox {
  /**
   * What is to be written next, oldest first, waiting for something.
   * @returns undefined when the mailbox is closed and empty
   */
  take(signal: AbortSignal): Promise<readonly QueueItem[] | undefined>;
  /** Takes back what could not be written; it is older than all that has been offered since. */
  restore(items: readonly QueueItem[]): void;
  /** Whatever was taken and not restored is done with: written, or refused for good. */
  acknowledge(): void;
  /** Aborted when the mailbox is closed. */
  readonly closed: AbortSignal;
  /** How many items wait. */
  readonly length: number;
  /** Whether what waits outlives the program, and is delivered by the next run. */
  readonly durable: boolean;
}

/** What waits for one sink of one environment. Offering never waits: no sink slows a meter or another sink. */
export interface Mailbox extends Outbox {
  offer(item: QueueItem): void;
  /** Nothing more is offered; what is in the mailbox can still be taken, at once. */
  close(): void;
  /** How many items were replaced by a newer one. */
  readonly merged: number;
  /** How many items were dropped because the mailbox was full. */
  readonly dropped: number;
}

/** What a mailbox keeps, and what it gives up when there is too much of it. */
interface Store {
  readonly length: number;
  readonly merged: number;
  readonly dropped: number;
  offer(item: QueueItem): void;
  restore(items: readonly QueueItem[]): void;
  /** Removes and returns what may go now: all of it, or with `holdReadings` only what is not a reading. */
  remove(holdReadings: boolean): readonly QueueItem[];
}

/** A mailbox of the newest value per property and the newest health, so that after an outage nothing stale is sent. Faults are left out. */
export function latestMailbox(clock: Clock, everyMs = 0): Mailbox {
  return new StoreMailbox(new LatestStore(), clock, everyMs);
}

/** A mailbox of all items in order, at most `capacity` of them (the oldest is dropped for the newest), taken at most `batch` at a time. */
export function everyMailbox(clock: Clock, capacity: number, batch: number): Mailbox {
  return new StoreMailbox(new EveryStore(capacity, batch), clock, 0);
}

/** Newer values win, property by property; the rest is the newer reading's, but for a time that is one value's own. */
export function mergeReadings(older: Reading, newer: Reading): Reading {
  const dated = newer.timing === 'own' && older.timing !== 'own' ? older : newer;
  const { device, receivedAt } = newer;
  return { ...dated, device, receivedAt, values: { ...older.values, ...newer.values } };
}

class LatestStore implements Store {
  readonly dropped = 0;
  merged = 0;
  readonly #readings = new Map<string, Reading>();
  readonly #healths = new Map<string, Health>();

  get length(): number {
    return this.#readings.size + this.#healths.size;
  }

  offer(item: QueueItem): void {
    if (item.kind === 'fault') return;
    const { id } = item.device;
    if ((item.kind === 'health' ? this.#healths : this.#readings).has(id)) this.merged += 1;
    if (item.kind === 'health') {
      this.#healths.set(id, item);
      return;
    }
    const reading = this.#readings.get(id);
    const health = this.#healths.get(id);
    this.#readings.set(id, reading ? mergeReadings(reading, item) : item);
    if (health) this.#healths.set(id, renew(health, item));
  }

  restore(items: readonly QueueItem[]): void {
    // The newest first, so that each of them meets only what is newer.
    for (const item of items.toReversed()) {
      if (item.kind === 'fault') continue;
      const { id } = item.device;
      if ((item.kind === 'health' ? this.#healths : this.#readings).has(id)) this.merged += 1;
      const reading = this.#readings.get(id);
      if (item.kind === 'reading') this.#readings.set(id, reading ? mergeReadings(item, reading) : item);
      else if (!this.#healths.has(id)) this.#healths.set(id, reading ? renew(item, reading) : item);
    }
  }

  remove(holdReadings: boolean): readonly QueueItem[] {
    // Readings first, and with every health: one that says `ok` holds only once its values are out.
    const hold = holdReadings && this.#healths.size === 0;
    const items = [...(hold ? [] : this.#readings.values()), ...this.#healths.values()];
    if (!hold) this.#readings.clear();
    this.#healths.clear();
    return items;
  }
}

/** A health that goes out after a reading newer than itself: neither the tree nor a value that the reading brings is taken back. */
function renew(health: Health, { device, values }: Reading): Health {
  const shared = Object.entries(values).filter(([path]) => path in health.values);
  return { ...health, device, values: { ...health.values, ...Object.fromEntries(shared) } };
}

class EveryStore implements Store {
  readonly #capacity: number;
  readonly #batch: number;
  #items: QueueItem[] = [];
  readonly merged = 0;
  dropped = 0;

  constructor(capacity: number, batch: number) {
    this.#capacity = capacity;
    this.#batch = batch;
  }

  get length(): number {
    return this.#items.length;
  }

  offer(item: QueueItem): void {
    this.#items.push(item);
    this.#trim();
  }

  restore(items: readonly QueueItem[]): void {
    this.#items = [...items, ...this.#items];
    this.#trim();
  }

  remove(): readonly QueueItem[] {
    return this.#items.splice(0, this.#batch);
  }

  #trim(): void {
    const excess = this.#items.length - this.#capacity;
    if (excess <= 0) return;
    this.#items.splice(0, excess);
    this.dropped += excess;
  }
}

class StoreMailbox implements Mailbox {
  readonly durable = false;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #closing = new AbortController();
  #nextReadingAt = -Infinity;
  readonly #changed = new Bell();

  constructor(store: Store, clock: Clock, everyMs: number) {
    this.#store = store;
    this.#clock = clock;
    this.#everyMs = everyMs;
  }

  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  get length(): number {
    return this.#store.length;
  }

  get merged(): number {
    return this.#store.merged;
  }

  get dropped(): number {
    return this.#store.dropped;
  }

  offer(item: QueueItem): void {
    this.#store.offer(item);
    this.#changed.ring();
  }

  restore(items: readonly QueueItem[]): void {
    this.#store.restore(items);
    if (items.some(({ kind }) => kind === 'reading')) this.#nextReadingAt = -Infinity;
    this.#changed.ring();
  }

  acknowledge(): void {
    // Nothing is kept of what was taken.
  }

  close(): void {
    this.#closing.abort();
    this.#changed.ring();
  }

  async take(signal: AbortSignal): Promise<readonly QueueItem[] | undefined> {
    for (;;) {
      if (signal.aborted) throw reasonOf(signal);
      const heldMs = this.closed.aborted ? 0 : this.#nextReadingAt - this.#clock.monotonic();
      const items = this.#store.remove(heldMs > 0);
      if (items.some(({ kind }) => kind === 'reading')) this.#nextReadingAt = this.#clock.monotonic() + this.#everyMs;
      if (items.length > 0) return items;
      if (this.closed.aborted) return undefined;
      if (this.#store.length > 0) await within(this.#clock, heldMs, signal, (waiting) => this.#changed.next(waiting));
      else await this.#changed.next(signal);
    }
  }
}
