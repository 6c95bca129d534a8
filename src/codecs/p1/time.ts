import { zoneOf } from './zone.js';

/** The meter's time. */
export interface MeterTime {
  /** Milliseconds since 1970 UTC. */
  readonly instant: number;
  /** The stamp says summer time, when the zone has none: the instant is that of standard time. */
  readonly contradictory: boolean;
}

/** `YYMMDDhhmmss`, then S (summer time) or W (winter time). DSMR 5.0.2 P1 Companion Standard, TST. */
const STAMP = /^\d{12}[SW]$/;

/** Years with which clocks begin that were never set. */
const UNSET_YEARS: readonly number[] = [2000, 2070];

const HOUR_MS = 3_600_000;

/**
 * Makes a reader of stamps. The letter decides between summer and standard time, not the rules of the zone: it alone tells the two hours apart that come
 * twice in autumn, and some meters keep standard time all year, which is right.
 * @param timeZone IANA name, for its standard offset
 * @returns the instant; undefined when the stamp is no time (a clock that was never set, `632525252525W`, a month 34)
 * @throws RangeError when the zone is unknown
 */
export function stampReader(timeZone: string): (stamp: string) => MeterTime | undefined {
  const zone = zoneOf(timeZone);
  return (stamp) => {
    if (!STAMP.test(stamp)) return undefined;
    const [year, month, day, hour, minute, second] = readFields(stamp);
    const asUtc = Date.UTC(year, month - 1, day, hour, minute, second);
    if (UNSET_YEARS.includes(year) || !isDate(asUtc, month, day) || hour > 23 || minute > 59 || second > 59) return undefined;
    const standard = asUtc - zone.standardOffsetMs(year);
    if (stamp.endsWith('W')) return { instant: standard, contradictory: false };
    const summer = standard - HOUR_MS;
    const isSummer = zone.offsetMs(summer) > zone.standardOffsetMs(year);
    return { instant: isSummer ? summer : standard, contradictory: !isSummer };
  };
}

/** Prints an instant as a meter in that zone would. */
export function stampPrinter(timeZone: string): (instant: number) => string {
  const zone = zoneOf(timeZone);
  return (instant) => {
    const offset = zone.offsetMs(instant);
    const local = new Date(instant + offset);
    const letter = offset > zone.standardOffsetMs(local.getUTCFullYear()) ? 'S' : 'W';
    return local.toISOString().slice(2, 19).replaceAll(/[-T:]/g, '') + letter;
  };
}

type Fields = readonly [year: number, month: number, day: number, hour: number, minute: number, second: number];

function readFields(stamp: string): Fields {
  const field = (at: number): number => stamp.charCodeAt(at) * 10 + stamp.charCodeAt(at + 1) - 0x30 * 11;
  return [2000 + field(0), field(2), field(4), field(6), field(8), field(10)];
}

/** Whether a date exists: one that does not, such as a month 34, has become another. */
function isDate(asUtc: number, month: number, day: number): boolean {
  const date = new Date(asUtc);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}
