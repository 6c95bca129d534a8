import type { Clock } from '../../model/ports.js';
import { reasonOf, scopeOf, unlessAborted, type Scope } from '../../pipeline/clock.js';
import { quietForMs, type QuietHours } from './quiet-hours.js';

/** How often a wait for the end of quiet hours looks at the host's clock, which may be set and changes to and from summer time. */
const LOOK_AGAIN_MS = 15 * 60_000;

/** When a meter is asked next: the first time at once, then as it is set. What falls into quiet hours waits for their end, unless somebody wants to know. */
export class Schedule {
  readonly #clock: Clock;
  readonly #quiet: QuietHours | undefined;
  #dueAt = -Infinity;
  #wantedAt = Infinity;
  #wait: Scope | undefined;

  constructor(clock: Clock, quiet?: QuietHours) {
    this.#clock = clock;
    this.#quiet = quiet;
  }

  /** How long quiet hours go on; 0 outside of them. */
  get quietMs(): number {
    return this.#quiet ? quietForMs(this.#quiet, this.#clock.now()) : 0;
  }

  /** Sets the next poll `ms` after an earlier moment of the monotonic clock. */
  set(from: number, ms: number): void {
    this.#dueAt = from + ms;
    this.#wantedAt = Infinity;
  }

  /** Has the next poll come in `ms`, where it would be later: also while it is waited for, and in quiet hours. */
  hasten(ms: number): void {
    this.#wantedAt = Math.min(this.#wantedAt, this.#clock.monotonic() + ms);
    this.#wait?.abort();
  }

  /** Resolves when the next poll is due; rejects when the signal aborts. */
  async due(signal: AbortSignal): Promise<void> {
    for (;;) {
      const now = this.#clock.monotonic();
      if (signal.aborted) throw reasonOf(signal);
      const scheduledMs = this.#dueAt > now ? this.#dueAt - now : Math.min(this.quietMs, LOOK_AGAIN_MS);
      const remainingMs = Math.min(scheduledMs, this.#wantedAt - now);
      if (remainingMs <= 0) return;
      using wait = scopeOf(signal);
      this.#wait = wait;
      await unlessAborted(wait.signal, this.#clock.sleep(remainingMs, wait.signal));
    }
  }
}
