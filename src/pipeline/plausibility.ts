import { printNumber } from '../model/decimal.js';
import type { Property } from '../model/device.js';
import type { Quantity } from '../model/quantity.js';
import { UNITS, type UnitFamily } from '../model/unit.js';

/** What can flow through a meter at most. */
export interface Limits {
  readonly maxPowerW: number;
  readonly maxFlowM3PerHour: number;
}

/** A total as it stands, with moments of one clock that never jumps, in milliseconds. */
export interface Total {
  readonly value: number;
  /** When it was last seen. */
  readonly seenAt: number;
  /** When less than it was last seen: it may have been reached at any time since, however coarse its steps are. */
  readonly lessAt: number;
}

/** A total that was accepted, with the one that contradicts it, if there is one. */
export interface Known extends Total {
  readonly rival?: Total & { readonly readings: number };
}

/** Why a value is held back. */
export type Doubt = 'zero' | 'fall' | 'rounding' | 'jump';

/** What becomes of a value: it goes out, it goes out since it was confirmed, or it is held back. `known` is what is known then. */
export type Judgement =
  | { readonly verdict: 'plausible' | 'confirmed'; readonly known: Known }
  | { readonly verdict: 'held back'; readonly doubt: Doubt; readonly known: Known };

/**
 * How many readings in a row must agree on a total that contradicts the last accepted one before it is believed. One wrong value happens, and a meter may say it
 * again before it has noticed; a third time, grown as a total may grow, it counts anew. At most two more polls of a battery, half a minute of telegrams.
 */
export const CONFIRMING_READINGS = 3;

/** Readings may be held up on their way and then arrive at once. */
const HELD_UP_MS = 60_000;

/** The first value of all may have stood for so long: some counters move once an hour. */
const STOOD_MS = 3_600_000;

const HOUR_MS = 3_600_000;

/**
 * Judges the next value of a total.
 * @param known undefined before the first value, which is accepted as it is
 * @param at when it was received, on the clock of `known`
 * @param maxPerHour by what it can grow in an hour, in its own unit; Infinity where there is no limit
 */
export function judge(known: Known | undefined, value: number, at: number, maxPerHour: number): Judgement {
  if (!known) return { verdict: 'plausible', known: { value, seenAt: at, lessAt: at - STOOD_MS } };
  const doubt = doubtOf(known, value, at, maxPerHour);
  if (!doubt) return { verdict: 'plausible', known: next(known, value, at) };
  const { rival, ...accepted } = known;
  // Another rounding of the same total: it has only to be waited for until it has grown by more.
  if (doubt === 'rounding') return { verdict: 'held back', doubt, known: accepted };
  const agrees = rival && !doubtOf(rival, value, at, maxPerHour);
  const total = agrees ? next(rival, value, at) : { value, seenAt: at, lessAt: at };
  const readings = agrees ? rival.readings + 1 : 1;
  if (readings >= CONFIRMING_READINGS) return { verdict: 'confirmed', known: total };
  return { verdict: 'held back', doubt, known: { ...accepted, rival: { ...total, readings } } };
}

function doubtOf(before: Total, value: number, at: number, maxPerHour: number): Doubt | undefined {
  if (value === 0 && before.value > 0) return 'zero';
  if (value < before.value) return isRounding(before.value, value) ? 'rounding' : 'fall';
  const elapsedMs = at - before.lessAt + HELD_UP_MS;
  return value - before.value > (maxPerHour * elapsedMs) / HOUR_MS ? 'jump' : undefined;
}

function next(before: Total, value: number, at: number): Total {
  return { value, seenAt: at, lessAt: value > before.value ? before.seenAt : before.lessAt };
}

/** Whether two values differ by one step of the coarser one at most. */
function isRounding(value: number, other: number): boolean {
  const step = 10 ** -Math.min(decimals(value), decimals(other));
  // The difference of two decimals is not exact.
  return Math.abs(value - other) < 1.001 * step;
}

function decimals(value: number): number {
  return printNumber(value).split('.')[1]?.length ?? 0;
}

const BY_POWER = (limits: Limits): number => limits.maxPowerW;
const BY_FLOW = (limits: Limits): number => limits.maxFlowM3PerHour;
const BY_CLOCK = (): number => 1;
const UNLIMITED = (): number => Infinity;

/** What bounds the growth of a total of each quantity: per hour, in the unit of the limit times one hour. */
const LIMIT_OF = {
  energy: BY_POWER,
  'reactive-energy': BY_POWER,
  'apparent-energy': BY_POWER,
  'heat-volume': BY_FLOW,
  gas: BY_FLOW,
  water: BY_FLOW,
  duration: BY_CLOCK,
  power: UNLIMITED,
  'reactive-power': UNLIMITED,
  'apparent-power': UNLIMITED,
  'power-factor': UNLIMITED,
  voltage: UNLIMITED,
  current: UNLIMITED,
  frequency: UNLIMITED,
  flow: UNLIMITED,
  temperature: UNLIMITED,
  'temperature-difference': UNLIMITED,
  count: UNLIMITED,
  code: UNLIMITED,
  time: UNLIMITED,
  text: UNLIMITED,
} as const satisfies Record<Quantity, (limits: Limits) => number>;

/** How many of a family's base unit one unit of its quantity's limit makes in an hour. 1 cal = 4.184 J, the smallest of its definitions. */
const PER_HOUR: Readonly<Partial<Record<UnitFamily, number>>> = {
  Wh: 1,
  J: 3_600,
  cal: 3_600 / 4.184,
  varh: 1,
  VAh: 1,
  'm³': 1,
  h: 1,
  s: 3_600,
};

/** By what a total can grow in an hour at most, in its own unit; Infinity where nothing is known that would limit it. */
export function maxGrowthPerHour({ quantity, unit }: Property, limits: Limits): number {
  if (unit === undefined) return Infinity;
  const { family, exponent } = UNITS[unit];
  return (LIMIT_OF[quantity](limits) * (PER_HOUR[family] ?? Infinity)) / 10 ** exponent;
}
