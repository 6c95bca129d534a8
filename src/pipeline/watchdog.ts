import type { Clock } from '../model/ports.js';

/** A meter is silent after so many periods without a reading or a fault. */
export const SILENT_AFTER_PERIODS = 3;

/** Measures silence: tells how long nothing was heard, and when that has been too long. */
export class Watchdog {
  readonly #clock: Clock;
  readonly limitMs: number;
  #heardAt: number;

  constructor(clock: Clock, periodMs: number) {
    this.#clock = clock;
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
      await this.#clock.sleep(remainingMs, signal);
    }
  }
}
