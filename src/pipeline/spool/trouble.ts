import type { Logger } from '../../model/ports.js';

/** Something that can fail for a while: says once that it does, and once that it works again. */
export class Trouble {
  readonly #log: Logger;
  readonly #begun: string;
  readonly #over: string;
  #said = false;

  /** @param begun what cannot be done; the reason follows @param over that it can be done again */
  constructor(log: Logger, begun: string, over: string) {
    this.#log = log;
    this.#begun = begun;
    this.#over = over;
  }

  begin(reason: string): void {
    if (!this.#said) this.#log.warn(`${this.#begun}: ${reason}`);
    this.#said = true;
  }

  end(): void {
    if (this.#said) this.#log.info(this.#over);
    this.#said = false;
  }
}
