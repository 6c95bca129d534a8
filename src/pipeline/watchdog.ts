import type { Clock } from '../model/ports.js';

/** A meter is silent after so many periods without a reading or a fault. */
export const SILENT_AFTER_PERIODS = 3;

/** A wait that ends so much too late tells that this process did not run: it was stopped, or the host slept. */
const HELD_UP_MS = 500;

/** Measures silence: tells how long nothing was heard, and when that has been too long. */
export class Watchdog {
  readonly #clock: Clock;
  readonly limitMs: number;
  readonly #periodMs: number;
  #heardAt: number;

  constructor(clock: Clock, periodMs: number) {
    this.#clock = clock;
    this.#periodMs = periodMs;
    this.limitMs = SILENT_AFTER_PERIODS * periodMs;
    this.#heardAt = clock.monotonic();
  }

  /** Something was heard just now. */
  heard(): void {
    this.#heardAt = this.#clock.monotonic();
  }

  /** Resolves once nothing was heard for `limitMs`; rejects when the signal aborts. */
  async silence(signal: AbortSignal): Promise<void> {
    for (;;) {
      const remainingMs = this.#heardAt + this.limitMs - this.#clock.monotonic();
      if (remainingMs <= 0) return;
      const dueAt = this.#clock.monotonic() + remainingMs;
      await this.#clock.sleep(remainingMs, signal);
      // Who was held up has not listened: what came meanwhile is yet to be read, and if nothing did, the meter has another period.
      if (this.#clock.monotonic() - dueAt > HELD_UP_MS) this.#heardAt = this.#clock.monotonic() - this.limitMs + this.#periodMs;
    }
  }
}
