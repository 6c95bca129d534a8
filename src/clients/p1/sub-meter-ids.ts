import type { Json, Logger, State } from '../../model/ports.js';

/** A sub-meter as it is seen in one telegram. */
export interface Seen {
  /** Id of its kind, such as `gas`. */
  readonly kind: string;
  readonly channel: number;
  readonly serial?: string | undefined;
}

/** A sub-meter as it is remembered over restarts. */
interface Known extends Seen {
  /** Id of its node. */
  readonly id: string;
  /** The time of its last reading. */
  readonly at?: number;
}

const STATE_KEY = 'sub-meters';

/** A house has a handful; what a broken state holds more is not believed. */
const MAX_KNOWN = 32;

/**
 * Which node belongs to which sub-meter. A meter keeps its id by its serial number, whatever channel it is on; a new one takes over the id of one of its kind
 * that is gone, and else gets the next number of its kind.
 */
export class SubMeterIds {
  readonly #state: State;
  readonly #log: Logger;
  #known: readonly Known[];

  constructor(state: State, log: Logger) {
    this.#state = state;
    this.#log = log;
    this.#known = recall(state.get(STATE_KEY));
  }

  /** The time of the last reading under that id. */
  lastAt(id: string): number | undefined {
    return this.#known.find((known) => known.id === id)?.at;
  }

  /** Notes the time of the last reading under that id. */
  note(id: string, at: number): void {
    this.#known = this.#known.map((known) => (known.id === id ? { ...known, at } : known));
    this.#save('eventually');
  }

  /** The id of a meter that was seen before, by its serial number. */
  recall({ kind, serial }: Seen): string | undefined {
    return serial === undefined ? undefined : this.#known.find((known) => known.kind === kind && known.serial === serial)?.id;
  }

  /** Gives all live sub-meters of a telegram their ids. */
  assign(live: readonly Seen[]): string[] {
    const free = new Set(this.#known);
    const claims = new Map<Seen, Known>();
    for (const isSame of SAMENESS) {
      for (const seen of live) {
        const known = claims.has(seen) ? undefined : [...free].find((each) => each.kind === seen.kind && isSame(each, seen));
        if (!known) continue;
        free.delete(known);
        claims.set(seen, known);
      }
    }
    return live.map((seen) => this.#settle(seen, claims.get(seen)));
  }

  #settle(seen: Seen, before: Known | undefined): string {
    const id = before?.id ?? this.#nextId(seen.kind);
    const serial = seen.serial ?? before?.serial;
    const isOther = before?.serial !== undefined && seen.serial !== undefined && before.serial !== seen.serial;
    if (before?.serial === serial && before?.channel === seen.channel) return id;
    // Another meter has a time of its own, and with it its first reading.
    const at = isOther ? undefined : before?.at;
    const known = { ...seen, id, serial, ...(at !== undefined && { at }) };
    this.#known = [...this.#known.filter((each) => each.id !== id), known].slice(-MAX_KNOWN);
    this.#save('soon');
    const name = seen.serial === undefined ? 'a meter without a serial number' : `meter ${seen.serial}`;
    if (isOther) this.#log.info(`${id}: ${name} on channel ${seen.channel} takes the place of meter ${before.serial}`);
    else if (!before) this.#log.info(`${id}: ${name} on channel ${seen.channel}`);
    else if (before.channel !== seen.channel)
      this.#log.info(`${id}: ${name} went from channel ${before.channel} to ${seen.channel}`);
    return id;
  }

  #nextId(kind: string): string {
    const taken = new Set(this.#known.map(({ id }) => id));
    let number = 1;
    while (taken.has(numbered(kind, number))) number += 1;
    return numbered(kind, number);
  }

  #save(urgency: 'soon' | 'eventually'): void {
    this.#state.set(STATE_KEY, this.#known as unknown as Json, urgency);
  }
}

/** By what a meter of the right kind is the one that was known, the surest first. The last is a replacement. */
const SAMENESS: readonly ((known: Known, seen: Seen) => boolean)[] = [
  (known, seen) => seen.serial !== undefined && known.serial === seen.serial,
  (known, seen) => known.channel === seen.channel && (known.serial === undefined || seen.serial === undefined),
  (known, seen) => known.channel === seen.channel,
  () => true,
];

function numbered(kind: string, number: number): string {
  return number === 1 ? kind : `${kind}-${number}`;
}

function recall(stored: unknown): Known[] {
  return Array.isArray(stored) ? stored.filter(isKnown).slice(0, MAX_KNOWN) : [];
}

function isKnown(value: unknown): value is Known {
  if (typeof value !== 'object' || value === null) return false;
  const { id, kind, channel, serial, at } = value as Readonly<Record<string, unknown>>;
  const isOwn = typeof id === 'string' && typeof kind === 'string' && typeof channel === 'number';
  const hasId = isOwn && /^-\d+$|^$/.test(id.startsWith(kind) ? id.slice(kind.length) : 'other');
  return hasId && (serial === undefined || typeof serial === 'string') && (at === undefined || typeof at === 'number');
}
