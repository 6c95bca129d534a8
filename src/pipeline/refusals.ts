import type { Clock, Logger } from '../model/ports.js';
import { Remarks } from './remarks.js';

/** Says that a sink refuses items for good: at once, and while it goes on once an hour with their sum. */
export class Refusals {
  readonly #remarks: Remarks;
  readonly #log: Logger;
  #unsaid = 0;

  constructor(clock: Clock, log: Logger) {
    this.#remarks = new Remarks(clock);
    this.#log = log;
  }

  /** @param items how many were refused now */
  add(items: number, reason: string): void {
    this.#unsaid += items;
    this.#remarks.make('refused', () => {
      this.#log.warn('refused for good', { items: this.#unsaid, reason });
      this.#unsaid = 0;
    });
  }
}
