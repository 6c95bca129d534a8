import { printNumber } from '../model/decimal.js';
import { propertyAt, type Device, type Property } from '../model/device.js';
import type { Clock, Json, Logger, State } from '../model/ports.js';
import type { Reading, Values } from '../model/reading.js';
import type { Unit } from '../model/unit.js';
import { isHostTime } from './meter-clock.js';
import { CONFIRMING_READINGS, judge, maxGrowthPerHour, type Doubt, type Known, type Limits } from './plausibility.js';
import { Remarks } from './remarks.js';

/** What the totals of one meter are watched with. */
export interface TotalsOptions {
  readonly device: { readonly id: string };
  readonly limits: Limits;
  readonly clock: Clock;
  readonly log: Logger;
  readonly state: State;
}

/** What of a reading goes out, and how many of its values do not. */
export interface Sifted {
  readonly values: Values;
  readonly heldBack: number;
  /** Whether further readings can confirm what was held back. */
  readonly confirmable: boolean;
}

/** An accepted total as it is remembered over restarts: whose it is, and when by the two clocks that go on meanwhile. */
interface Remembered {
  readonly value: number;
  /** How long it may have stood when it was last seen. */
  readonly stoodMs: number;
  readonly receivedAt: number;
  readonly measuredAt?: number;
  readonly serial?: string;
  readonly unit?: Unit;
}

/** Between two runs when no clock tells: longer than any outage. Only what could not flow in ten years is then too much. */
const UNKNOWN_MS = 10 * 365 * 24 * 3_600_000;

/**
 * Watches the totals of one meter: one that cannot be right does not go out until it is confirmed. A wrong value ruins an energy history for good, a missing
 * one does no harm. The last totals survive restarts. Another serial number is another meter: its totals are a series of their own, at once.
 */
export class Totals {
  readonly #options: TotalsOptions;
  readonly #remarks: Remarks;
  readonly #remembered: Map<string, Remembered>;
  /** Those of this run, on its monotonic clock. */
  readonly #known = new Map<string, Known>();

  constructor(options: TotalsOptions) {
    this.#options = options;
    this.#remarks = new Remarks(options.clock);
    this.#remembered = recall(options.state.get(this.#stateKey));
  }

  /** Takes each total that cannot be right out of a reading, whose measured time is right or absent. */
  sift(reading: Reading): Sifted {
    const values: Record<string, number | boolean | string> = {};
    const doubts: Doubt[] = [];
    this.#forgetReplaced(reading);
    for (const [path, value] of Object.entries(reading.values)) {
      const property = propertyAt(reading.device.nodes, path);
      const isTotal = property?.kind === 'total' && typeof value === 'number';
      const doubt = isTotal ? this.#doubt(reading, path, property, value) : undefined;
      if (doubt) doubts.push(doubt);
      else values[path] = value;
    }
    this.#options.state.set(this.#stateKey, Object.fromEntries(this.#remembered) as unknown as Json, 'eventually');
    return { values, heldBack: doubts.length, confirmable: doubts.some((doubt) => doubt !== 'rounding') };
  }

  #doubt(reading: Reading, path: string, property: Property, value: number): Doubt | undefined {
    const { clock, limits } = this.#options;
    const now = clock.monotonic();
    const serial = serialOf(reading.device, path);
    const before = this.#remembered.get(path);
    const isSame = before?.unit === property.unit;
    const known = before && isSame ? (this.#known.get(path) ?? knownOf(before, reading, now)) : undefined;
    const judgement = judge(known, value, now, maxGrowthPerHour(property, limits));
    this.#known.set(path, judgement.known);
    if (judgement.verdict === 'held back') {
      this.#sayHeldBack(path, value, property.unit, judgement);
      return judgement.doubt;
    }
    if (judgement.verdict === 'confirmed') this.#sayConfirmed(path, value, property.unit);
    this.#remembered.set(path, remember(judgement.known, reading, serial ?? before?.serial, property.unit));
    return undefined;
  }

  #forgetReplaced({ device, values }: Reading): void {
    const changes = new Set<string>();
    for (const path of Object.keys(values)) {
      const before = this.#remembered.get(path)?.serial;
      const serial = serialOf(device, path);
      // A meter that tells no serial number may be the same.
      if (before === undefined || serial === undefined || serial === before) continue;
      this.#remembered.delete(path);
      this.#known.delete(path);
      changes.add(`${serial} instead of ${before}`);
    }
    if (changes.size === 0) return;
    this.#remarks.make('another meter', () => {
      this.#options.log.info(`another meter: serial number ${[...changes].join(', ')}; its totals are a new series`);
    });
  }

  #sayHeldBack(path: string, value: number, unit: Unit | undefined, { known, doubt }: { known: Known; doubt: Doubt }): void {
    this.#remarks.make(`${path} held back`, () => {
      const change = `${printNumber(value)} after ${printNumber(known.value)} ${unit ?? ''}`.trim();
      this.#options.log.warn(`${path} is held back at ${change}: ${REASONS[doubt]}`);
    });
  }

  #sayConfirmed(path: string, value: number, unit: Unit | undefined): void {
    this.#remarks.make(`${path} confirmed`, () => {
      const message = `${path} goes on at ${printNumber(value)} ${unit ?? ''}`.trim();
      this.#options.log.warn(`${message}: ${CONFIRMING_READINGS} readings in a row agree`);
    });
  }

  get #stateKey(): string {
    return `totals ${this.#options.device.id}`;
  }
}

const UNTIL_CONFIRMED = `it goes out once ${CONFIRMING_READINGS} readings in a row agree`;

/** Why a value is held back, in words for the log. */
const REASONS = {
  zero: `a total does not begin again; ${UNTIL_CONFIRMED}`,
  fall: `a total does not fall; ${UNTIL_CONFIRMED}`,
  rounding: 'it was rounded otherwise; it goes out once it has grown',
  jump: `more than can have flowed by the limits in [plausibility]; ${UNTIL_CONFIRMED}`,
} as const satisfies Record<Doubt, string>;

/** The serial number of what counts a total: a sub-meter's own, or the meter's. */
function serialOf(device: Device, path: string): string | undefined {
  const [node = ''] = path.split('/');
  return device.nodes[node]?.serial ?? device.serial;
}

/** A total of an earlier run on the clock of this one. */
function knownOf(before: Remembered, reading: Reading, now: number): Known {
  const seenAt = now - elapsedMs(before, reading);
  return { value: before.value, seenAt, lessAt: seenAt - before.stoodMs };
}

/** How long ago a total was seen: by the meter's clock, else by the host's, which may have stood still or begun in 1970. */
function elapsedMs(before: Remembered, { measuredAt, receivedAt }: Reading): number {
  const measuredMs = (measuredAt ?? NaN) - (before.measuredAt ?? NaN);
  if (measuredMs >= 0) return measuredMs;
  const receivedMs = receivedAt - before.receivedAt;
  return receivedMs >= 0 && isHostTime(before.receivedAt) ? receivedMs : UNKNOWN_MS;
}

function remember(total: Known, { measuredAt, receivedAt }: Reading, serial?: string, unit?: Unit): Remembered {
  return {
    value: total.value,
    stoodMs: total.seenAt - total.lessAt,
    receivedAt,
    ...(measuredAt !== undefined && { measuredAt }),
    ...(serial !== undefined && { serial }),
    ...(unit !== undefined && { unit }),
  };
}

function recall(remembered: unknown): Map<string, Remembered> {
  if (typeof remembered !== 'object' || remembered === null) return new Map();
  return new Map(Object.entries(remembered).filter((entry): entry is [string, Remembered] => isRemembered(entry[1])));
}

/** A unit or a serial number that is none belongs to no total of this meter and is replaced by the next. */
function isRemembered(value: unknown): value is Remembered {
  if (typeof value !== 'object' || value === null) return false;
  const { value: total, stoodMs, receivedAt, measuredAt } = value as Readonly<Record<string, unknown>>;
  const isNumber = (each: unknown): boolean => typeof each === 'number' && Number.isFinite(each);
  return [total, stoodMs, receivedAt].every(isNumber) && (measuredAt === undefined || isNumber(measuredAt));
}
