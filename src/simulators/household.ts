import { zoneOf, type Zone } from '../codecs/p1/zone.js';
import { consumptionOf, type Consumption } from './consumption.js';

const MINUTE_MS = 60_000;
const MINUTES_A_DAY = 1_440;

/** Totals are counted from this day of the meters' time on: 2025-01-01. */
const INSTALLED_ON = Date.UTC(2025, 0, 1) / (MINUTES_A_DAY * MINUTE_MS);

/**
 * What a day before this one is taken to have counted: more than any day does, so that totals rise also over a restart. Watt minutes, millilitres and watt
 * minutes of heat.
 */
const DAY_BEFORE: Totals = {
  importLow: 5_000 * 60,
  importNormal: 16_000 * 60,
  exportLow: 3_000 * 60,
  exportNormal: 28_000 * 60,
  gas: 14_000_000,
  water: 900_000,
  heat: 180_000 * 60,
  heatVolume: 7_000_000,
};

/** What is counted, in the units of `DAY_BEFORE`. */
interface Totals {
  readonly importLow: number;
  readonly importNormal: number;
  readonly exportLow: number;
  readonly exportNormal: number;
  readonly gas: number;
  readonly water: number;
  readonly heat: number;
  readonly heatVolume: number;
}

/** Totals of a household's meters, rounded down, and what it uses at the moment. */
export interface HouseholdState extends Consumption {
  /** From the grid: by night, by day. */
  readonly importWh: readonly [low: number, normal: number];
  /** Into the grid. */
  readonly exportWh: readonly [low: number, normal: number];
  /** Those of the last full hour. */
  readonly gasLitres: number;
  readonly waterLitres: number;
  /** When that was, milliseconds since 1970 UTC. */
  readonly hourAt: number;
  readonly heatKwh: number;
  readonly heatLitres: number;
  /** How long the heat meter has been running. */
  readonly hours: number;
}

/**
 * A believable house: people who sleep, cook and leave, a solar roof, gas, water and district heating. Every moment has one answer by the seed, and totals only
 * rise, also when the program is started again.
 */
export class Household {
  readonly #seed: number;
  readonly #zone: Zone;
  #minute: number | undefined;
  #totals: Totals = DAY_BEFORE;
  /** At the last full hour. */
  #hourly: Pick<HouseholdState, 'gasLitres' | 'waterLitres'> = { gasLitres: 0, waterLitres: 0 };

  /** @param timeZone IANA name, by which it lives */
  constructor(seed: number, timeZone: string) {
    this.#seed = seed;
    this.#zone = zoneOf(timeZone);
  }

  /** @param now milliseconds since 1970 UTC; totals stand still while a clock that was set back catches up */
  at(now: number): HouseholdState {
    const local = now + this.#zone.offsetMs(now);
    const minute = Math.floor(local / MINUTE_MS);
    this.#minute ??= this.#begin(minute);
    for (; this.#minute < minute; this.#minute++) this.#pass(this.#minute);
    const current = consumptionOf(this.#seed, minute);
    const totals = after(this.#totals, current, isLow(minute), (local % MINUTE_MS) / MINUTE_MS);
    const wattHours = (wattMinutes: number): number => Math.floor(wattMinutes / 60);
    return {
      ...current,
      importWh: [wattHours(totals.importLow), wattHours(totals.importNormal)],
      exportWh: [wattHours(totals.exportLow), wattHours(totals.exportNormal)],
      ...this.#hourly,
      hourAt: now - (local % (60 * MINUTE_MS)),
      heatKwh: Math.floor(totals.heat / 60_000),
      heatLitres: Math.floor(totals.heatVolume / 1_000),
      hours: Math.floor(minute / 60) - INSTALLED_ON * 24,
    };
  }

  /** What was drawn in the quarter of an hour that is running, on average over all of it as a meter reckons; watts. */
  demandW(now: number): number {
    const local = now + this.#zone.offsetMs(now);
    const minute = Math.floor(local / MINUTE_MS);
    const passed = Array.from({ length: minute % 15 }, (_, back) =>
      Math.max(consumptionOf(this.#seed, minute - 1 - back).netW, 0),
    );
    const current = Math.max(consumptionOf(this.#seed, minute).netW, 0) * ((local % MINUTE_MS) / MINUTE_MS);
    return Math.round((passed.reduce((sum, watts) => sum + watts, 0) + current) / 15);
  }

  /** Starts at midnight. @returns its minute */
  #begin(minute: number): number {
    const day = Math.floor(minute / MINUTES_A_DAY);
    const days = Math.max(0, day - INSTALLED_ON);
    this.#totals = Object.fromEntries(Object.entries(DAY_BEFORE).map(([key, each]) => [key, each * days])) as unknown as Totals;
    this.#remember();
    return day * MINUTES_A_DAY;
  }

  #pass(minute: number): void {
    this.#totals = after(this.#totals, consumptionOf(this.#seed, minute), isLow(minute), 1);
    if ((minute + 1) % 60 === 0) this.#remember();
  }

  #remember(): void {
    this.#hourly = {
      gasLitres: Math.floor(this.#totals.gas / 1_000),
      waterLitres: Math.floor(this.#totals.water / 1_000),
    };
  }
}

/** Whether the cheap tariff holds: by night. */
export function isLow(minute: number): boolean {
  const hour = Math.floor((minute % MINUTES_A_DAY) / 60);
  return hour >= 23 || hour < 7;
}

/** Totals after so many minutes, or a part of one. */
function after(totals: Totals, { netW, gasMl, waterMl, heatW, heatMl }: Consumption, low: boolean, minutes: number): Totals {
  const imported = Math.max(netW, 0) * minutes;
  const exported = Math.max(-netW, 0) * minutes;
  return {
    importLow: totals.importLow + (low ? imported : 0),
    importNormal: totals.importNormal + (low ? 0 : imported),
    exportLow: totals.exportLow + (low ? exported : 0),
    exportNormal: totals.exportNormal + (low ? 0 : exported),
    gas: totals.gas + gasMl * minutes,
    water: totals.water + waterMl * minutes,
    heat: totals.heat + heatW * minutes,
    heatVolume: totals.heatVolume + heatMl * minutes,
  };
}
