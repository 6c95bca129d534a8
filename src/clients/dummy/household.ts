/** A quarter of an hour: the household decides what it does for so long. */
const SLOT_MS = 900_000;
const SLOTS_A_DAY = 96;
/** The dummy meter was installed then, reading zero: 2026-01-01T00:00:00Z. */
const INSTALLED_AT = Date.UTC(2026, 0, 1);
/** What the household draws by the hour of the day on average: asleep, breakfast, away, cooking, evening. Watts. */
const HOURLY_W = [
  180, 160, 150, 150, 160, 220, 520, 780, 640, 380, 320, 340, 620, 540, 340, 320, 380, 640, 980, 1120, 860, 620, 420, 260,
];

/** What a household's meter shows at one moment. */
export interface HouseholdReading {
  /** Energy since the meter was installed, in watt-hours, rounded down. */
  readonly energyWh: number;
  readonly powerW: number;
}

/**
 * A believable household: power that varies over the day and from day to day, and a total that only rises. Every moment has one answer, so the
 * total goes on after a restart without anything being remembered.
 */
export class Household {
  readonly #seed: number;
  /** Watt-milliseconds of all slots before `#slot`: added up once, then carried on. */
  #before = 0;
  #slot = 0;
  #latest: HouseholdReading = { energyWh: 0, powerW: 0 };

  /** @param seed another seed is another household */
  constructor(seed: number) {
    this.#seed = seed;
  }

  /** @param now milliseconds since 1970; a clock that was set back shows the latest total again */
  at(now: number): HouseholdReading {
    const elapsedMs = Math.max(0, now - INSTALLED_AT);
    const slot = Math.floor(elapsedMs / SLOT_MS);
    if (slot < this.#slot) return this.#latest;
    for (; this.#slot < slot; this.#slot++) this.#before += this.#powerIn(this.#slot) * SLOT_MS;
    const powerW = this.#powerIn(slot);
    const energyWh = Math.floor((this.#before + powerW * (elapsedMs - slot * SLOT_MS)) / 3_600_000);
    this.#latest = { energyWh: Math.max(energyWh, this.#latest.energyWh), powerW };
    return this.#latest;
  }

  #powerIn(slot: number): number {
    const usual = HOURLY_W[Math.floor((slot % SLOTS_A_DAY) / 4)] ?? 0;
    const day = uniform(this.#seed, -1 - Math.floor(slot / SLOTS_A_DAY));
    return Math.round(usual * (0.7 + 0.3 * day + 0.6 * uniform(this.#seed, slot)));
  }
}

/** A number in [0, 1) that depends on nothing but its arguments: the finalizer of MurmurHash3 over both. */
function uniform(seed: number, n: number): number {
  let hash = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(n, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
