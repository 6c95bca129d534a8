import type { Clock } from '../../model/ports.js';
import { reasonOf, scopeOf, unlessAborted, type Scope } from '../../pipeline/clock.js';

/** When a meter is asked next. The first poll is due at once. */
export class Schedule {
  readonly #clock: Clock;
  #dueAt = -Infinity;
  #wait: Scope | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Sets the next poll `ms` after an earlier moment of the monotonic clock. */
  set(from: number, ms: number): void {
    this.#dueAt = from + ms;
  }

  /** Has the next poll come in `ms`, where it would be later: also while it is waited for. */
  hasten(ms: number): void {
    const dueAt = this.#clock.monotonic() + ms;
    if (dueAt >= this.#dueAt) return;
    this.#dueAt = dueAt;
    this.#wait?.abort();
  }

  /** Resolves when the next poll is due; rejects when the signal aborts. */
  async due(signal: AbortSignal): Promise<void> {
    for (;;) {
      const remainingMs = this.#dueAt - this.#clock.monotonic();
      if (signal.aborted) throw reasonOf(signal);
      if (remainingMs <= 0) return;
      using wait = scopeOf(signal);
      this.#wait = wait;
      await unlessAborted(wait.signal, this.#clock.sleep(remainingMs, wait.signal));
    }
  }
}
