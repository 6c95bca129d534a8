import type { Figures, HealthState } from '../model/reading.js';

/** How one meter is at this moment, and what was counted for it. */
export interface MeterStatus {
  readonly device: { readonly id: string; readonly name: string };
  readonly state: HealthState;
  readonly detail: string;
  readonly figures: Figures;
  /** Since the last reading; undefined before the first. */
  readonly ageMs: number | undefined;
  /** The age that no meter which is `ok` can reach, unless nobody looks after it any more. */
  readonly oldestMs: number;
}

/** What became of the items that one sink was to take: readings, healths, and faults where it takes them. Each counts in one of these, or still waits. */
export interface SinkFigures {
  /** Taken by the sink. */
  readonly delivered: number;
  /** Refused by the sink for good. */
  readonly rejected: number;
  /** Replaced by a newer one while they waited. */
  readonly merged: number;
  /** Dropped as too much waited. */
  readonly evicted: number;
  readonly waiting: number;
  /** How often the sink was lost, or could not be reached, and was tried again. */
  readonly retries: number;
}

/** Whom something is counted for: by the settings' names. A sink that all environments share is of none, and one for all devices of its environment names none. */
export interface Place {
  readonly environment?: string;
  readonly sink?: string;
  readonly device?: string;
}

/** All that is counted in this process. Asked for when somebody wants to see it, and always as of that moment. */
export interface ProcessFigures {
  readonly meters: readonly (MeterStatus & { readonly environment: string })[];
  readonly sinks: readonly (SinkFigures & { readonly place: Place })[];
  /** Items that wait to be handed to the sinks. */
  readonly queued: number;
}

/** What `deliver` counts for its sink. */
export class Deliveries {
  delivered = 0;
  rejected = 0;
  retries = 0;
}

/** Knows whoever counts, so that nobody has to report. */
export class Ledger implements ProcessFigures {
  readonly #meters: (() => ProcessFigures['meters'][number])[] = [];
  readonly #sinks: (() => ProcessFigures['sinks'][number])[] = [];
  #queue = { length: 0 };

  get meters(): ProcessFigures['meters'] {
    return this.#meters.map((status) => status());
  }

  get sinks(): ProcessFigures['sinks'] {
    return this.#sinks.map((status) => status());
  }

  get queued(): number {
    return this.#queue.length;
  }

  /** Enters the record of a meter. */
  enterMeter(environment: string, meter: { readonly status: MeterStatus }): void {
    this.#meters.push(() => ({ environment, ...meter.status }));
  }

  /** Enters a sink: what `deliver` counts for it, and the mailbox that it delivers from. */
  enterSink(
    place: Place,
    deliveries: Deliveries,
    mailbox: { readonly length: number; readonly merged: number; readonly dropped: number },
  ): void {
    this.#sinks.push(() => {
      const { delivered, rejected, retries } = deliveries;
      return { place, delivered, rejected, merged: mailbox.merged, evicted: mailbox.dropped, waiting: mailbox.length, retries };
    });
  }

  /** Enters the queue in front of all sinks. */
  enterQueue(queue: { readonly length: number }): void {
    this.#queue = queue;
  }
}

/** What is wrong with a meter, in words; undefined while it is fresh, or was not to be heard yet. */
export function complaintAbout({ state, detail, ageMs, oldestMs }: MeterStatus): string | undefined {
  if (state === 'silent' || state === 'failing') return `${state}: ${detail}`;
  if (ageMs !== undefined && ageMs > oldestMs) return `stale: no reading for ${Math.round(ageMs / 1_000)} s`;
  return undefined;
}
