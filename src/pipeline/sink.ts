import type { LinkError } from '../model/errors.js';
import type { Clock, Logger, State } from '../model/ports.js';
import type { QueueItem } from '../model/reading.js';
import type { Section, SettingsOf } from '../model/settings.js';

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

/** What a sink is given. Everything from outside comes through here. */
export interface SinkContext {
  /** The device this sink is made for; for an `environment` sink, the first one. */
  readonly device: { readonly id: string; readonly name: string };
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: () => number;
  readonly state: State;
  /** The program's name and version, for protocols that ask who speaks. */
  readonly implementation: string;
}

/**
 * What a line of the registry stands for.
 *
 * `scope` `device`: made once per device id, so that its last will is known before it connects; `environment`: made once for all devices of
 * its environment.
 *
 * `delivery` `latest`: newest value per property and newest health, merged while the sink is away or slow; faults are left out.
 * `every`: all items in order, bounded, oldest dropped first and counted.
 */
export interface SinkKind {
  readonly settings: Section;
  readonly scope: 'device' | 'environment';
  readonly delivery: 'latest' | 'every';
  /** How many items a write takes at the most. */
  readonly batch?: number;
  /** @throws ConfigError when values that are valid one by one cannot be used together */
  create(settings: unknown, context: SinkContext): Sink;
}

/** Declares a kind of sink; `create` sees its settings typed. */
export function defineSink<const S extends Section>(
  kind: Omit<SinkKind, 'settings' | 'create'> & {
    readonly settings: S;
    create(settings: SettingsOf<S>, context: SinkContext): Sink;
  },
): SinkKind {
  return kind;
}
