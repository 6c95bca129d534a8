import type { Device } from '../model/device.js';
import type { Clock, Logger, State } from '../model/ports.js';
import {
  FAULTS,
  NO_FIGURES,
  type Fault,
  type Figures,
  type Health,
  type QueueItem,
  type Reading,
  type Values,
} from '../model/reading.js';
import type { Client } from './client.js';
import type { MeterStatus } from './figures.js';
import { grow, recallDevice, rememberDevice } from './grow.js';
import { MeterClock } from './meter-clock.js';
import { MeterLog, type Condition } from './meter-log.js';
import { healthValues, identityValues, meterNode, timeValues } from './meter-node.js';
import { CONFIRMING_READINGS, type Limits } from './plausibility.js';
import { Totals } from './totals.js';
import { SILENT_AFTER_PERIODS } from './watchdog.js';

/** How often an unchanged health is repeated, for the counts that it carries. */
const HEALTH_REPEAT_MS = 60_000;
/** When a polled meter is asked again for a value that was held back: it may be busy with itself just now. */
const CONFIRM_AFTER_MS = 60_000;

const OK = { state: 'ok', cause: 'ok', detail: 'ok' } as const;

/** What a meter's record is made of. */
export interface MeterOptions {
  readonly device: { readonly id: string; readonly name: string };
  /** Tells apart the programs and clients that remember trees: a tree of another one is not recalled. */
  readonly fingerprint: string;
  readonly toleratedFaults: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly state: State;
  /** What totals are held against; without limits all of them go out. */
  readonly limits?: Limits | undefined;
  /** What the client can do beside reading, and how often it is heard. */
  readonly client?: Partial<Pick<Client, 'ask' | 'explain' | 'periodMs'>> | undefined;
}

/**
 * What is known about one meter: the tree that it has shown, its health, what was counted. Turns what a client reports into what travels on
 * the queue: devices that never shrink, readings with the values of the node `meter`, and a health whenever it changes.
 */
export class Meter {
  readonly #options: MeterOptions;
  readonly #figures = { ...NO_FIGURES, faultsOf: { ...NO_FIGURES.faultsOf } };
  readonly #log: MeterLog;
  readonly #clock: MeterClock;
  readonly #totals: Totals | undefined;
  #device: Device;
  #values: Values = {};
  /** The device of the last reading: most readings come with the same object, which then has nothing new. */
  #seen: Device | undefined;
  #condition: Condition = { state: 'waiting', cause: 'start', detail: 'waiting for the first reading' };
  #healthAt = -Infinity;
  #readAt: number | undefined;
  #faultsInARow = 0;
  /** Readings in a row with a value that was held back. */
  #doubtful = 0;

  constructor(options: MeterOptions) {
    this.#options = options;
    this.#clock = new MeterClock({ ...options, explain: (hours) => options.client?.explain?.(hours) });
    this.#totals = options.limits && new Totals({ ...options, limits: options.limits });
    this.#log = new MeterLog(options.clock, options.log);
    const remembered = recallDevice(options.state.get(this.#stateKey), options.fingerprint);
    this.#device = { nodes: {}, ...remembered, ...options.device };
    this.#setValues(identityValues(this.#device));
  }

  /** The health to begin with: the remembered tree, or the node `meter` alone, and that nothing was heard yet. */
  start(): Health {
    return this.#makeHealth();
  }

  /** Takes what the client learned and returns what goes on the queue, in this order. */
  accept(item: Reading | Fault): QueueItem[] {
    if (item.kind === 'reading' && item.timing === 'own') return this.#acceptOwnTime(item);
    const items = item.kind === 'reading' ? this.#acceptReading(item) : this.#acceptFault(item);
    this.#log.heard(item.kind === 'reading' ? 'reading' : item.what);
    return items;
  }

  /** The link was lost or could not be opened. The log says so once; a later try that fails for another reason is told by the health. */
  linkLost(reason: string): QueueItem[] {
    this.#figures.reconnects += 1;
    const condition = { state: 'failing', cause: 'link', detail: reason } as const;
    const change = this.#change(condition);
    if (change.length > 0 || this.#condition.detail === reason) return change;
    this.#options.log.debug(`still failing: ${reason}`);
    this.#condition = condition;
    return [this.#makeHealth()];
  }

  /** Nothing was heard for too long. */
  silent(detail: string): QueueItem[] {
    return this.#change({ state: 'silent', cause: 'silence', detail });
  }

  /** How the meter is at this moment. */
  get status(): MeterStatus {
    const { device, clock, client, toleratedFaults } = this.#options;
    const { state, detail } = this.#condition;
    const ageMs = this.#readAt === undefined ? undefined : clock.monotonic() - this.#readAt;
    // Each tolerated fault may come at the last moment before silence; the rest is for a host that was held up.
    const oldestMs = (toleratedFaults + 2) * SILENT_AFTER_PERIODS * (client?.periodMs ?? Infinity);
    return { device, state, detail, figures: this.#countedNow(), ageMs, oldestMs };
  }

  /** Telegrams were sent that nobody received. */
  countLost(telegrams: number): void {
    this.#figures.lost += telegrams;
  }

  #acceptReading(reading: Reading): QueueItem[] {
    this.#figures.readings += 1;
    this.#readAt = this.#options.clock.monotonic();
    this.#faultsInARow = 0;
    const sound = this.#examine(reading);
    const times = timeValues(sound.receivedAt, sound.measuredAt, this.#clock.offsetSeconds);
    if (this.#seen !== reading.device) this.#growTo(reading.device, times);
    else if (Object.keys(times).some((path) => !(path in this.#values))) this.#setValues(times);
    const complete = {
      ...sound,
      device: this.#device,
      values: { ...sound.values, ...times, ...identityValues(this.#device) },
    };
    const repeat = this.#options.clock.monotonic() - this.#healthAt >= HEALTH_REPEAT_MS;
    return [complete, ...(this.#condition.state === 'ok' && repeat ? [this.#makeHealth()] : this.#change(OK))];
  }

  /** What came with a reading that was accepted already, and says nothing of how fresh the meter is. */
  #acceptOwnTime(reading: Reading): QueueItem[] {
    const sound = this.#examine(reading);
    if (this.#seen !== reading.device) this.#growTo(reading.device, {});
    return [{ ...sound, device: this.#device }];
  }

  /** A reading without what cannot be right. A polled meter is asked again soon where another reading may confirm it. */
  #examine({ measuredAt: saidAt, ...said }: Reading): Reading {
    const isOwn = said.timing === 'own';
    const measuredAt = isOwn ? this.#clock.trustOwn(saidAt, said.receivedAt) : this.#clock.trust(saidAt, said.receivedAt);
    const timed: Reading = { ...said, ...(measuredAt !== undefined && { measuredAt }) };
    if (!this.#totals) return timed;
    const { values, heldBack, confirmable } = this.#totals.sift(timed);
    this.#figures.quarantined += heldBack;
    this.#doubtful = confirmable ? this.#doubtful + 1 : 0;
    if (confirmable && this.#doubtful < CONFIRMING_READINGS) this.#options.client?.ask?.(CONFIRM_AFTER_MS);
    return { ...timed, values };
  }

  #acceptFault(fault: Fault): QueueItem[] {
    this.#figures.faults += 1;
    this.#figures.faultsOf[fault.what] += 1;
    this.#faultsInARow += 1;
    const detail = `${FAULTS[fault.what]}: ${fault.detail}`;
    const { log, toleratedFaults } = this.#options;
    if (log.debugs) log.debug(detail, fault.bytes && { bytes: Buffer.from(fault.bytes).toString('hex') });
    if (this.#faultsInARow <= toleratedFaults) return [fault];
    return [fault, ...this.#change({ state: fault.what === 'timeout' ? 'silent' : 'failing', cause: fault.what, detail })];
  }

  #growTo(seen: Device, times: Values): void {
    const { state, fingerprint, log } = this.#options;
    const before = this.#device;
    // With totals it is they that say what becomes of them.
    if (!this.#totals && before.serial !== undefined && seen.serial !== undefined && before.serial !== seen.serial)
      log.info(`another meter: serial number ${seen.serial} instead of ${before.serial}`);
    const { meter, ...nodes } = before.nodes;
    const known = { ...before, nodes };
    const grown = grow(known, seen);
    if (grown !== known) {
      this.#device = { ...grown, nodes: { ...grown.nodes, ...(meter && { meter }) } };
      state.set(this.#stateKey, rememberDevice(grown, fingerprint), 'soon');
    }
    this.#setValues({ ...identityValues(this.#device), ...times });
    this.#seen = seen;
  }

  /** Notes which values the node `meter` has by now, and grows that node with them. */
  #setValues(values: Values): void {
    this.#values = { ...this.#values, ...healthValues(this.#condition.detail, this.#figures), ...values };
    const meter = meterNode(this.#values);
    if (Object.keys(meter.properties).length === Object.keys(this.#device.nodes.meter?.properties ?? {}).length) return;
    this.#device = { ...this.#device, nodes: { ...this.#device.nodes, meter } };
  }

  #change(condition: Condition): QueueItem[] {
    const before = this.#condition;
    if (before.state === condition.state && before.cause === condition.cause) {
      this.#log.catchUp();
      return [];
    }
    this.#condition = condition;
    this.#log.changed(before, condition);
    return [this.#makeHealth()];
  }

  #makeHealth(): Health {
    const { clock } = this.#options;
    this.#healthAt = clock.monotonic();
    const figures = this.#countedNow();
    const { state, detail } = this.#condition;
    const values = { ...identityValues(this.#device), ...healthValues(detail, figures) };
    return { kind: 'health', device: this.#device, at: clock.now(), state, detail, figures, values };
  }

  #countedNow(): Figures {
    return { ...this.#figures, faultsOf: { ...this.#figures.faultsOf } };
  }

  get #stateKey(): string {
    return `device ${this.#options.device.id}`;
  }
}
