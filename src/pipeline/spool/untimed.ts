import type { Clock } from '../../model/ports.js';
import type { Reading } from '../../model/reading.js';
import { isHostTime } from '../meter-clock.js';

/** How many readings wait for a clock that is set. */
const CAPACITY = 10_000;

/** Readings of which nobody knows the time: a meter without a clock, read before the host's was set. How long ago they came is known. */
export class Untimed {
  readonly #clock: Clock;
  #waiting: { readonly reading: Reading; readonly at: number }[] = [];
  /** How many were given up. */
  dropped = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes a reading. @returns what has its time now, in order */
  pass(reading: Reading): readonly Reading[] {
    const now = this.#clock.monotonic();
    if (reading.measuredAt === undefined && !isHostTime(reading.receivedAt)) {
      this.#waiting.push({ reading, at: now });
      if (this.#waiting.length > CAPACITY) this.dropped += this.#waiting.splice(0, 1).length;
      return [];
    }
    if (this.#waiting.length === 0 || !isHostTime(this.#clock.now())) return [reading];
    const waited = this.#waiting.splice(0);
    return [...waited.map((each) => ({ ...each.reading, receivedAt: Math.round(this.#clock.now() - (now - each.at)) })), reading];
  }
}
