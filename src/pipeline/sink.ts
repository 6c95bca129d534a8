import type { LinkError } from '../model/errors.js';
import type { Clock, Logger, State } from '../model/ports.js';
import type { QueueItem, Reading } from '../model/reading.js';
import type { Section, SettingsOf } from '../model/settings.js';
import type { ProcessFigures } from './figures.js';
import type { HistoryReader } from './history.js';

/**
 * A destination. Calls never overlap; each `open` is followed by exactly one `close`, also when it failed. After a `close`, `open`
 * may be called again on the same object, so what a sink knows (a tree, the newest values) may outlive its connection.
 *
 * `write` resolves when the sink has taken responsibility for all of `items`: a history when they are safe there, a sink of newest
 * values when they are on their way on a connection whose loss makes it send them again.
 *
 * A sink that can lose its connection while nobody writes calls `lost` once, with what it would have thrown.
 * @throws LinkError the pipeline closes, waits (at least `retryAfterMs`), opens afresh and repeats the same items
 * @throws RejectedError (which) these can never be written: dropped and said, the rest is repeated
 */
export interface Sink {
  open(deadline: AbortSignal, lost: (error: LinkError) => void): Promise<void>;
  write(items: readonly QueueItem[], deadline: AbortSignal): Promise<void>;
  close(deadline: AbortSignal): Promise<void>;
}

/**
 * A reading as a history gets it: the device as it was then, what was measured, and its place in time and order.
 *
 * `device.id`, `at` and the path of a value tell what a value is: a store that holds one there already replaces it, since a reading that was on its
 * way when the connection, the program or the power was lost comes again. Of two with the same key the one with the higher `sequence` is newer.
 */
export interface Recorded extends Reading {
  /** When it was measured, by the meter's clock where that can be believed, else when it was received; milliseconds since 1970 UTC. Late readings come late. */
  readonly at: number;
  /**
   * Grows from reading to reading, over restarts too; not without gaps, and it says nothing about time. From 1 on. 0: loaded from elsewhere (`backfill`), perhaps
   * long ago: it stands in no order with the others, and is never what the store has just been given.
   */
  readonly sequence: number;
}

/** How much a history wants at once: a write when so many readings wait, or when the oldest of them has waited for so long. */
export interface Batch {
  readonly items: number;
  readonly ms: number;
}

/**
 * A destination that keeps every reading. It gets readings only (no health, no faults) in the order in which they came, each at least once: what it
 * has not taken waits in the spool of its environment, on disk where need be, and follows after an outage, a crash or a power cut in batches of
 * `batch.items`. So a history neither buffers nor retries, and may forget whatever it was given the moment `write` throws.
 *
 * `write` resolves when all of `items` are safe in the store: committed, answered with success. Until then they stay in the spool. What it throws says
 * what happens next:
 * - `LinkError`: the store is away, busy or not yet set up. The pipeline closes, waits (1 s doubling to 60 s; at least `retryAfterMs`, where the store
 *   said so or a person must act first: 300_000 for a wrong password), opens afresh and repeats the same items, together with what came since.
 * - `RejectedError` with their indices: the store will never take these. They are dropped and said; the rest is repeated at once.
 * - anything else is a bug: it is logged with its stack, and the items are repeated with growing pauses.
 * `every` in the settings is the spool's to obey: a history gets the first reading of each interval then.
 * What does not fit into one request is the sink's to divide: parts that the store took already come again when a later one fails, and replace themselves.
 */
export interface HistorySink extends Sink {
  readonly batch: Batch;
  write(items: readonly Recorded[], deadline: AbortSignal): Promise<void>;
}

/** A sink as the settings of its environment know it; its own settings are as its kind declared them. */
export interface Sibling {
  readonly name: string;
  readonly type: string;
  readonly settings: unknown;
}

/** What a sink is given. Everything from outside comes through here. */
export interface SinkContext {
  /** The device this sink is made for; for an `environment` sink, the first one; for a `process` sink, that of the first environment. */
  readonly device: { readonly id: string; readonly name: string };
  /** All sinks of the environment that are enabled, this one included: for one that builds on what another publishes. */
  readonly siblings: readonly Sibling[];
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: () => number;
  readonly state: State;
  /** The program's name and version, for protocols that ask who speaks. */
  readonly implementation: string;
  readonly figures: ProcessFigures;
}

/**
 * What a line of the registry stands for.
 *
 * `scope` `device`: made once per device id, so that its last will is known before it connects; `environment`: made once for all devices of
 * its environment; `process`: made once for all environments that ask for it with the same settings.
 *
 * `delivery` `latest`: newest value per property and newest health, merged while the sink is away or slow; faults are left out.
 * `every`: all items in order, bounded, oldest dropped first and counted.
 * `history`: all readings in order, spooled on disk while the sink is away; see `defineHistory`.
 */
export interface SinkKind {
  readonly settings: Section;
  readonly scope: 'device' | 'environment' | 'process';
  readonly delivery: 'latest' | 'every' | 'history';
  /** How many items a write takes at the most; a history says so itself. */
  readonly batch?: number;
  /** The address that a sink with these settings listens on, as it is written in a URL; only for one that listens. */
  listensOn?(settings: unknown): string;
  /** @throws ConfigError when values that are valid one by one cannot be used together */
  create(settings: unknown, context: SinkContext): Sink;
  /**
   * Opens the store of a history to read back what is in it; only for one that can be read. It is closed by `close`.
   * @throws LinkError it cannot be reached @throws ConfigError as `create`
   */
  reader?(settings: unknown, context: SinkContext, signal: AbortSignal): Promise<HistoryReader>;
}

/** Declares a kind of sink; `create` sees its settings typed. */
export function defineSink<const S extends Section>(
  kind: Omit<SinkKind, 'settings' | 'create' | 'listensOn' | 'reader'> & {
    readonly settings: S;
    listensOn?(settings: SettingsOf<S>): string;
    create(settings: SettingsOf<S>, context: SinkContext): Sink;
  },
): SinkKind {
  return kind;
}

/** Declares a kind of history; `create` and `reader` see its settings typed. */
export function defineHistory<const S extends Section>(kind: {
  readonly settings: S;
  create(settings: SettingsOf<S>, context: SinkContext): HistorySink;
  reader?(settings: SettingsOf<S>, context: SinkContext, signal: AbortSignal): Promise<HistoryReader>;
}): SinkKind {
  return { ...kind, scope: 'environment', delivery: 'history' };
}
