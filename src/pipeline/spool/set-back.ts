import type { Reading } from '../../model/reading.js';

/** How the clock of one meter has gone so far. */
interface Course {
  /** The latest time that a reading of it had. */
  readonly latest: number;
  /** The time of the last reading, as it was said. */
  readonly last: number;
  /** How often its clock was set back to before `latest`. */
  readonly times: number;
}

/**
 * Keeps readings apart that a clock which was set back gives the times of earlier ones: stores replace what they have of the same time. Each such reading is
 * a millisecond later for each time that the clock was set back, until it has caught up. Readings with times of their own may be as old as they like.
 */
export class SetBack {
  readonly #courses = new Map<string, Course>();

  /** A reading under a time that no other reading of its meter has, or that of the one before it: meters may stamp by the minute. */
  keepApart(reading: Reading): Reading {
    const { device, measuredAt, receivedAt, timing } = reading;
    if (timing === 'own') return reading;
    const at = measuredAt ?? receivedAt;
    const { latest, last, times } = this.#courses.get(device.id) ?? { latest: -Infinity, last: -Infinity, times: 0 };
    const isBehind = at < latest || (times > 0 && at === latest);
    const setBack = isBehind ? times + (at < last ? 1 : 0) : 0;
    this.#courses.set(device.id, { latest: Math.max(latest, at), last: at, times: setBack });
    if (setBack === 0) return reading;
    return measuredAt === undefined ? { ...reading, receivedAt: at + setBack } : { ...reading, measuredAt: at + setBack };
  }
}
