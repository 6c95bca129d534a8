import { LinkError, stackOf } from '../model/errors.js';
import type { Clock, Logger } from '../model/ports.js';

/** A connection that lasted longer does not flap. */
const LASTING_MS = 60_000;
/** How often the losses of a connection that flaps are said. */
const REPEAT_MS = 3_600_000;

/** Says when a sink is lost, and when it is back: once each, and of one that comes and goes without an end once an hour. */
export class Outages {
  readonly #clock: Clock;
  readonly #log: Logger;
  /** Whether it was said that the sink is lost, and not yet that it is back. */
  #said = false;
  #saidAt = -Infinity;
  #unsaid = 0;

  constructor(clock: Clock, log: Logger) {
    this.#clock = clock;
    this.#log = log;
  }

  /** The sink has taken all that waited. */
  over(): void {
    if (this.#said) this.#log.info('connected again');
    this.#said = false;
  }

  /** @param servedMs for how long the connection served that is lost now; undefined when it never did, so that the sink is away to stay */
  begun(error: unknown, servedMs: number | undefined): void {
    if (this.#said) return;
    const flaps = servedMs !== undefined && servedMs <= LASTING_MS;
    if (flaps && this.#clock.monotonic() - this.#saidAt < REPEAT_MS) {
      this.#unsaid += 1;
      return;
    }
    const fields = this.#unsaid > 0 ? { 'losses since the last line': this.#unsaid } : undefined;
    if (error instanceof LinkError) this.#log.warn(`${error.message}; trying again until it works`, fields);
    else this.#log.error('the sink crashed and is started again', { error: stackOf(error), ...fields });
    this.#said = true;
    this.#saidAt = this.#clock.monotonic();
    this.#unsaid = 0;
  }
}
