import type { Clock, Logger } from '../model/ports.js';
import type { QueueItem } from '../model/reading.js';
import { scopeOf, unlessAborted, type Scope } from '../pipeline/clock.js';
import { Pulse } from '../pipeline/pulse.js';
import type { Notify } from './systemd-notify.js';

/** How long the first readings may take before the program is ready without them: a meter may well be off. */
export const READY_AFTER_MS = 60_000;
/** How soon after a status the next one may follow. */
export const STATUS_GAP_MS = 5_000;
/** The longest wait: a timer of Node fires at once when it is asked to wait much longer. */
const MAX_WAIT_MS = 3_600_000;

/** What a service is made of. */
export interface ServiceOptions {
  readonly environments: readonly string[];
  readonly clock: Clock;
  readonly log: Logger;
  readonly notify: Notify;
  /** After how long without a sign of life the service manager restarts the program; undefined: it does not. */
  readonly watchdogMs: number | undefined;
}

/**
 * Tells a service manager how the program is, in the terms of sd_notify(3): `READY` when every environment had its first reading, or after a minute;
 * `STATUS` with the meters' states in words, when they have changed; `WATCHDOG` in half of its time, while the pipeline moves; `STOPPING`.
 */
export class Service {
  readonly pulse: Pulse;
  readonly #options: ServiceOptions;
  readonly #unheard: Set<string>;
  readonly #states = new Map<string, string>();
  #readyAt: number;
  #toldStatus = '';
  #nextStatusAt = -Infinity;
  #signAt: number;
  #stuck = false;
  #wait: Scope | undefined;

  constructor(options: ServiceOptions) {
    this.#options = options;
    this.pulse = new Pulse(options.clock);
    this.#unheard = new Set(options.environments);
    this.#readyAt = options.clock.monotonic() + READY_AFTER_MS;
    this.#signAt = options.watchdogMs === undefined ? Infinity : options.clock.monotonic();
  }

  /** Takes note of how an environment's meter is. That it is `ok` is said with its first reading. */
  observe(environment: string, item: QueueItem): void {
    if (item.kind !== 'health') return;
    const { device, state, detail } = item;
    this.#states.set(device.id, state === 'ok' || state === 'waiting' ? detail : `${state}, ${detail}`);
    if (state === 'ok' && this.#unheard.delete(environment) && this.#unheard.size === 0)
      this.#readyAt = this.#options.clock.monotonic();
    this.#wait?.abort();
  }

  /** Tells what is to be told when it is due, until `stop` aborts. */
  async run(stop: AbortSignal): Promise<void> {
    const { clock, notify } = this.#options;
    while (!stop.aborted) {
      const due = this.#takeDue();
      if (Object.keys(due).length > 0) await notify(due);
      using wait = scopeOf(stop);
      this.#wait = wait;
      const waitMs = Math.max(0, Math.min(this.#dueAt - clock.monotonic(), MAX_WAIT_MS));
      await unlessAborted(wait.signal, clock.sleep(waitMs, wait.signal));
    }
    await notify({ STOPPING: '1' });
  }

  get #status(): string {
    return [...this.#states].map(([id, state]) => `${id}: ${state}`).join('; ');
  }

  get #statusAt(): number {
    return this.#status === this.#toldStatus ? Infinity : this.#nextStatusAt;
  }

  get #dueAt(): number {
    return Math.min(this.#readyAt, this.#statusAt, this.#signAt);
  }

  /** All that is due by now, in one message. */
  #takeDue(): Record<string, string> {
    const now = this.#options.clock.monotonic();
    const due: Record<string, string> = {};
    if (this.#readyAt <= now) {
      this.#readyAt = Infinity;
      this.#unheard.clear();
      this.#nextStatusAt = now;
      due.READY = '1';
    }
    if (this.#statusAt <= now) {
      this.#toldStatus = due.STATUS = this.#status;
      this.#nextStatusAt = now + STATUS_GAP_MS;
    }
    if (this.#signAt <= now && this.#moves(now)) due.WATCHDOG = '1';
    return due;
  }

  #moves(now: number): boolean {
    const { log, watchdogMs = Infinity } = this.#options;
    const halfMs = watchdogMs / 2;
    this.#signAt = now + halfMs;
    const stuck = this.pulse.stuckFor(halfMs);
    if (stuck.length > 0 && !this.#stuck) log.error(`stuck, so the watchdog may restart the program: ${stuck.join('; ')}`);
    this.#stuck = stuck.length > 0;
    return !this.#stuck;
  }
}
