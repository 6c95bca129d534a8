import { reasonOf } from '../../src/pipeline/clock.js';
import type { Clock } from '../../src/model/ports.js';

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  #sleepers: Sleeper[] = [];
  #elapsed = 0;
  /** What `now` was when the clock was made, plus every jump: move it to make the host's clock jump. */
  epoch: number;

  constructor(epoch = Date.UTC(2026, 0, 15, 12)) {
    this.epoch = epoch;
  }

  now(): number {
    return this.epoch + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(reasonOf(signal));
        return;
      }
      const onAbort = (): void => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(reasonOf(signal));
      };
      const sleeper = {
        until: this.#elapsed + ms,
        wake: () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      this.#sleepers.push(sleeper);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** How many waits are under way: zero when a component has ended cleanly. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  /** Moves time forward, waking sleepers in their order and letting all that follows from each run before the next. */
  async advance(ms: number): Promise<void> {
    const target = this.#elapsed + ms;
    await settle();
    for (;;) {
      const next = this.#sleepers.reduce<Sleeper | undefined>(
        (first, sleeper) => (first && first.until <= sleeper.until ? first : sleeper),
        undefined,
      );
      if (!next || next.until > target) break;
      this.#elapsed = Math.max(this.#elapsed, next.until);
      this.#sleepers = this.#sleepers.filter((sleeper) => sleeper !== next);
      next.wake();
      await settle();
    }
    this.#elapsed = target;
    await settle();
  }
}

/** Lets every promise that can proceed without time or I/O do so. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
}
