import type { Clock } from '../model/ports.js';

/** How long a remark is not made again. */
const SILENCE_MS = 3_600_000;

/** Keeps the log readable where something goes wrong again and again: each remark is made at most once an hour. */
export class Remarks {
  readonly #clock: Clock;
  readonly #madeAt = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `say` unless it was called for the same topic within the hour. @param topic one of a bounded set */
  make(topic: string, say: () => void): void {
    const now = this.#clock.monotonic();
    if (now - (this.#madeAt.get(topic) ?? -Infinity) < SILENCE_MS) return;
    this.#madeAt.set(topic, now);
    say();
  }
}
