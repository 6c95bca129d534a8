import { Sleepers } from '../../src/pipeline/sleepers.js';
import type { Clock } from '../../src/model/ports.js';

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  readonly #sleepers = new Sleepers();
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
    return this.#sleepers.sleep(this.#elapsed + ms, signal);
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
      const next = this.#sleepers.next();
      if (!next || next.until > target) break;
      this.#elapsed = Math.max(this.#elapsed, next.until);
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
