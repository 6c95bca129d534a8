import type { Clock, Logger } from '../model/ports.js';
import { Remarks } from './remarks.js';

/** What a meter's clock is watched with. */
export interface MeterClockOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** What could explain that the meter's clock is so many hours ahead; negative: behind. */
  readonly explain: (hoursAhead: number) => string | undefined;
}

/** Neither this program nor a meter that is read by it has seen an earlier year: a host without a battery begins in 1970. */
const FIRST_HOST_TIME = Date.UTC(2025, 0, 1);

/** Meters that were never set begin in 1970 or 2000. */
const FIRST_METER_TIME = Date.UTC(2001, 0, 1);

/** The least by which time zones differ is half an hour: a clock that is off by half of that is not its reader's mistake, and its times are wrong. */
const WRONG_MS = 900_000;

/** Some meters stamp by the minute; one that says the same time for longer has stopped. */
const STOPPED_MS = 90_000;

/** Of how many of the last times the median is taken: single wild ones and delays do not move it. */
const SAMPLES = 15;

/** From so many times on it is said what is wrong with a clock. */
const SAMPLES_FOR_A_REMARK = 5;

const HOUR_MS = 3_600_000;
const HOURS_TOLERANCE_MS = 300_000;

/** Whether a time can be the host's. */
export function isHostTime(time: number): boolean {
  return time >= FIRST_HOST_TIME;
}

/**
 * Watches the clock of one meter, so that a measured time, which is that of the telegram, is right or absent. It is compared with the host's clock where that can be right, and otherwise with its
 * own course so far; the host's monotonic clock tells what time passed. What is wrong with it is said once.
 */
export class MeterClock {
  readonly #options: MeterClockOptions;
  readonly #remarks: Remarks;
  /** The last times against the monotonic clock, oldest first: a host clock that jumps does not touch them. */
  #samples: readonly number[] = [];
  #last = { time: NaN, since: 0 };
  #fault: 'stopped' | 'hours' | 'wrong' | undefined;
  /** Whether the last time that the meter told was right. */
  #isTrusted = true;

  constructor(options: MeterClockOptions) {
    this.#options = options;
    this.#remarks = new Remarks(options.clock);
  }

  /** The measured time of a reading that was received just now, when it can be right. */
  trust(measuredAt: number | undefined, receivedAt: number): number | undefined {
    if (measuredAt === undefined || measuredAt < FIRST_METER_TIME) return undefined;
    const now = this.#options.clock.monotonic();
    if (measuredAt !== this.#last.time) this.#last = { time: measuredAt, since: now };
    const hasStopped = now - this.#last.since > STOPPED_MS;
    const expected = isHostTime(receivedAt) ? receivedAt : now + (median(this.#samples) ?? measuredAt - now);
    this.#samples = [...this.#samples, measuredAt - now].slice(-SAMPLES);
    this.#diagnose(hasStopped);
    this.#isTrusted = !hasStopped && Math.abs(measuredAt - expected) <= WRONG_MS;
    return this.#isTrusted ? measuredAt : undefined;
  }

  /**
   * The time of a value that was measured before the reading that it came with, when it can be right: the meter stamps both by the same clock. It may be as
   * old as it likes, and tells nothing of the clock.
   */
  trustOwn(measuredAt: number | undefined, receivedAt: number): number | undefined {
    if (measuredAt === undefined || measuredAt < FIRST_METER_TIME || !this.#isTrusted) return undefined;
    const latest = isHostTime(receivedAt) ? receivedAt : this.#last.time;
    return measuredAt > latest + WRONG_MS ? undefined : measuredAt;
  }

  /** By how many seconds the meter's clock is ahead of the host's; undefined where the meter tells no time or the host's is not known. */
  get offsetSeconds(): number | undefined {
    const offsetMs = this.#offsetMs();
    return offsetMs === undefined ? undefined : Math.round(offsetMs / 1_000);
  }

  #offsetMs(): number | undefined {
    const { clock } = this.#options;
    const ahead = median(this.#samples);
    if (ahead === undefined || !isHostTime(clock.now())) return undefined;
    return ahead + clock.monotonic() - clock.now();
  }

  #diagnose(hasStopped: boolean): void {
    const { log } = this.#options;
    const before = this.#fault;
    const offsetMs = this.#offsetMs();
    if (!hasStopped && this.#samples.length < SAMPLES_FOR_A_REMARK) return;
    this.#fault = hasStopped ? 'stopped' : offsetMs === undefined ? before : faultOf(offsetMs);
    const fault = this.#fault;
    if (fault === before) return;
    this.#remarks.make(fault ?? 'right', () => {
      if (fault) log.warn(this.#describe(fault, offsetMs ?? 0));
      else log.info("the meter's clock is right again");
    });
  }

  #describe(fault: 'stopped' | 'hours' | 'wrong', offsetMs: number): string {
    if (fault === 'stopped') return "the meter's clock stands still: measured times are left out";
    const isAhead = offsetMs > 0 ? 'ahead of' : 'behind';
    const hours = Math.round(offsetMs / HOUR_MS);
    const difference = fault === 'hours' ? `${Math.abs(hours)} h` : printDuration(Math.abs(offsetMs));
    const message = `the meter's clock is ${difference} ${isAhead} this computer's: measured times are left out`;
    const explanation = fault === 'hours' ? this.#options.explain(hours) : undefined;
    return explanation === undefined ? message : `${message}; ${explanation}`;
  }
}

function faultOf(offsetMs: number): 'hours' | 'wrong' | undefined {
  if (Math.abs(offsetMs) <= WRONG_MS) return undefined;
  const hours = Math.round(offsetMs / HOUR_MS);
  const isHours = hours !== 0 && Math.abs(hours) <= 14 && Math.abs(offsetMs - hours * HOUR_MS) <= HOURS_TOLERANCE_MS;
  return isHours ? 'hours' : 'wrong';
}

function median(numbers: readonly number[]): number | undefined {
  return [...numbers].sort((one, other) => one - other)[numbers.length >> 1];
}

function printDuration(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  const parts = [
    [Math.floor(minutes / 1_440), 'd'],
    [Math.floor(minutes / 60) % 24, 'h'],
    [minutes % 60, 'min'],
  ] as const;
  return parts.flatMap(([count, unit]) => (count > 0 ? [`${count} ${unit}`] : [])).join(' ');
}
