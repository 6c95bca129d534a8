import type { Clock } from '../model/ports.js';

/** A piece of work of the pipeline itself, as opposed to a wait on the outside: on a line, a broker, a timer. */
export interface Work {
  /** It begins; or the next piece of it does, where one was under way. */
  begin(): void;
  /** There is nothing to do but to wait on the outside. */
  end(): void;
}

/**
 * Tells whether the pipeline moves. It may wait on the outside for days, but its own work is a matter of moments: what lasts is stuck.
 * What a sink does is not watched here, since its calls are given up when their time has run out.
 */
export class Pulse {
  readonly #clock: Clock;
  readonly #begun = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Watches one kind of work; `complaint` says in words what is wrong when it lasts, and is its own among all. */
  watch(complaint: string): Work {
    return {
      begin: () => this.#begun.set(complaint, this.#clock.monotonic()),
      end: () => this.#begun.delete(complaint),
    };
  }

  /** The complaints about what has lasted for `ms` and longer. */
  stuckFor(ms: number): readonly string[] {
    const now = this.#clock.monotonic();
    return [...this.#begun].filter(([, since]) => now - since >= ms).map(([complaint]) => complaint);
  }
}
