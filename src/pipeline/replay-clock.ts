import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../model/ports.js';
import { Sleepers } from './sleepers.js';

/** Turns of the event loop after which all that follows from one event has happened, as far as nothing is read from outside. */
const TURNS = 4;

/** How often it is looked whether somebody has begun an earlier wait than the one under way. */
const LOOK_AGAIN_MS = 50;

/**
 * Time that passes at another pace, or jumps from one event to the next: what sleeps by this clock wakes in the order of its times, one after the other, however
 * fast that is. Between two of them the clock stands still.
 */
export class ReplayClock implements Clock {
  readonly #startedAt: number;
  readonly #speed: number;
  readonly #sleepers = new Sleepers();
  #elapsed = 0;
  /** When `#elapsed` was what it is now, by the host's monotonic clock. */
  #since = performance.now();
  #held = false;
  #turning = false;

  /**
   * @param startedAt what the clock says first, milliseconds since 1970 UTC
   * @param speed how many times faster it goes; Infinity: without waiting at all
   */
  constructor(startedAt: number, speed: number) {
    this.#startedAt = startedAt;
    this.#speed = speed;
  }

  now(): number {
    return this.#startedAt + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    const sleeping = this.#sleepers.sleep(this.#elapsed + ms, signal);
    this.#go();
    return sleeping;
  }

  /** Stands still while something outside is waited for, which takes no time here. */
  hold(): void {
    this.#held = true;
  }

  /** Goes on. */
  release(): void {
    this.#held = false;
    this.#since = performance.now();
    this.#go();
  }

  #go(): void {
    if (this.#turning) return;
    this.#turning = true;
    void this.#turn();
  }

  async #turn(): Promise<void> {
    for (;;) {
      for (let turn = 0; turn < TURNS; turn++) await nextTurn();
      const next = this.#sleepers.next();
      if (!next || this.#held) {
        this.#turning = false;
        return;
      }
      const dueAt = this.#since + Math.max(0, next.until - this.#elapsed) / this.#speed;
      const remainingMs = dueAt - performance.now();
      if (remainingMs > 0) {
        await pause(Math.min(remainingMs, LOOK_AGAIN_MS));
        continue;
      }
      this.#elapsed = Math.max(this.#elapsed, next.until);
      this.#since = dueAt;
      next.wake();
    }
  }
}
