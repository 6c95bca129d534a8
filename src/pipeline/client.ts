import type { Nodes } from '../model/device.js';
import type { Section, SettingsOf } from '../model/settings.js';
import type { Clock, Logger, State } from '../model/ports.js';
import type { Fault, Reading } from '../model/reading.js';

/**
 * A meter, or a line that several meters share.
 *
 * `readings` opens its link, yields what it learns, and closes what it opened in `finally`. It ends when `stop` aborts, or when
 * nothing more can come (a replay). It may be called again after it ended or threw, and then starts afresh; calls never overlap.
 *
 * It yields a `Reading` for each thing the meter said and a `Fault` for each frame or poll that gave none. The device of a
 * reading holds the nodes and properties that the reading shows; the pipeline remembers what earlier readings showed, adds the node
 * `meter`, and makes the health. A client that keeps one Device object while the telegram's shape stays the same spares that work.
 *
 * A client neither retries its link nor watches for silence nor logs faults: it throws, and the pipeline does all that.
 * @throws LinkError the link is lost or cannot be opened: the pipeline waits and calls again
 */
export interface Client {
  /** How often the meter is heard when all is well. After three periods without any reading or fault it is called silent and the link is opened afresh. */
  readonly periodMs: number;
  /** How many faults in a row are noise on a wire. One more, and the meter is failing. */
  readonly toleratedFaults: number;
  readings(stop: AbortSignal): AsyncIterable<Reading | Fault>;
  /**
   * What goes on beside the readings until `stop` aborts, whether the link is up or not. Only a client that serves others has it.
   * @throws LinkError it cannot go on: the pipeline waits and calls again; the readings go on meanwhile
   */
  alongside?(stop: AbortSignal): Promise<void>;
  /** Has the meter asked again in `afterMs`, where it would be later; does nothing where nobody reads. Only a meter that is polled has it. */
  ask?(afterMs: number): void;
  /** What could explain, for the log, that the meter's clock is so many whole hours ahead of the host's; negative: behind. */
  explain?(hoursAhead: number): string;
}

/** What a client is given. Everything from outside comes through here. */
export interface ClientContext {
  /** The id and name under which the settings want the meter published. */
  readonly device: { readonly id: string; readonly name: string };
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: () => number;
  readonly state: State;
  /** Counts telegrams that were sent and never received. */
  countLost(telegrams: number): void;
}

/** What a line of the registry stands for: the keys of `[client]` beside `type`, and how a client is made of their values. */
export interface ClientKind {
  readonly settings: Section;
  /** All that a meter of this kind can show, as far as it is known before it was heard. */
  readonly catalogue: Nodes;
  /** The address that a client with these settings listens on, as it is written in a URL; undefined where it does not. */
  listensOn?(settings: unknown): string | undefined;
  /** @throws ConfigError when values that are valid one by one cannot be used together */
  create(settings: unknown, context: ClientContext): Client;
}

/** Declares a kind of client; `create` sees its settings typed. */
export function defineClient<const S extends Section>(kind: {
  readonly settings: S;
  readonly catalogue: Nodes;
  listensOn?(settings: SettingsOf<S>): string | undefined;
  create(settings: SettingsOf<S>, context: ClientContext): Client;
}): ClientKind {
  return kind;
}
