import { reasonOf } from './clock.js';

/** Somebody who sleeps by a clock that somebody else moves. */
export interface Sleeper {
  /** By the monotonic time of that clock. */
  readonly until: number;
  readonly wake: () => void;
}

/** Those who sleep by a clock that does not move by itself. */
export class Sleepers {
  #sleepers: Sleeper[] = [];

  get length(): number {
    return this.#sleepers.length;
  }

  /** Sleeps until somebody wakes those of that time; rejects with the signal's reason as soon as it aborts. */
  sleep(until: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(reasonOf(signal));
        return;
      }
      const onAbort = (): void => {
        this.#remove(sleeper);
        reject(reasonOf(signal));
      };
      const sleeper = {
        until,
        wake: () => {
          this.#remove(sleeper);
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      this.#sleepers.push(sleeper);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Who is to be woken next: of those of the same time, who has slept longest. */
  next(): Sleeper | undefined {
    return this.#sleepers.reduce<Sleeper | undefined>(
      (first, sleeper) => (first && first.until <= sleeper.until ? first : sleeper),
      undefined,
    );
  }

  #remove(sleeper: Sleeper): void {
    this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
  }
}
