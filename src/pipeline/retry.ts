/** How long to wait before each further try: doubling from `firstMs` to `longestMs`. */
export interface Schedule {
  readonly firstMs: number;
  readonly longestMs: number;
}

/** For whatever was lost: a port, a broker, a store. Quick enough for a cable that is plugged in again, slow enough for an outage of days. */
export const RECONNECT: Schedule = { firstMs: 1_000, longestMs: 60_000 };

/**
 * The waits between tries, for ever. Each lies between half of and the whole scheduled delay, so that programs that lost the same broker do not return in step.
 * @param random uniform in [0, 1)
 */
export function* delays({ firstMs, longestMs }: Schedule, random: () => number): Generator<number, never> {
  for (let delay = firstMs; ; delay = Math.min(delay * 2, longestMs)) yield delay * (0.5 + random() / 2);
}

/** The waits of one connection that comes and goes: they start afresh once it has lasted longer than the longest of them. */
export class Backoff {
  readonly #schedule: Schedule;
  readonly #random: () => number;
  #delays: Generator<number, never>;

  constructor(schedule: Schedule, random: () => number) {
    this.#schedule = schedule;
    this.#random = random;
    this.#delays = delays(schedule, random);
  }

  /** How long to wait now, after a connection that lasted `lastedMs` (0 when it was never made). */
  next(lastedMs: number): number {
    if (lastedMs > this.#schedule.longestMs) this.#delays = delays(this.#schedule, this.#random);
    return this.#delays.next().value;
  }
}
