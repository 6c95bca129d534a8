import { zoneOf } from './zone.js';

/** The meter's time. */
export interface MeterTime {
  /** Milliseconds since 1970 UTC. */
  readonly instant: number;
  /** The stamp says summer time, when the zone has none: the instant is that of standard time. */
  readonly contradictory: boolean;
}

/** `YYMMDDhhmmss`, then S (summer time) or W (winter time). DSMR 5.0.2 P1 Companion Standard, TST. */
const STAMP_LENGTH = 13;

/** A stamp without a letter, of which there are the ones of sub-meters in DSMR 2 and 3. */
const LOCAL_LENGTH = 12;

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
    const letter = stamp[LOCAL_LENGTH];
    if (stamp.length !== STAMP_LENGTH || (letter !== 'S' && letter !== 'W')) return undefined;
    const local = readLocal(stamp);
    if (local === undefined) return undefined;
    const standard = local.asUtc - zone.standardOffsetMs(local.year);
    if (letter === 'W') return { instant: standard, contradictory: false };
    const summer = standard - HOUR_MS;
    const isSummer = zone.offsetMs(summer) > zone.standardOffsetMs(local.year);
    return { instant: isSummer ? summer : standard, contradictory: !isSummer };
  };
}

/**
 * Makes a reader of stamps without a letter, which are local time by the zone's rules. Of the hour that comes twice in autumn the second is meant, unless
 * that is still to come; the hour that is left out in spring counts as standard time.
 * @param timeZone IANA name
 * @returns the instant, by what the time is now; undefined when the stamp is no time
 * @throws RangeError when the zone is unknown
 */
export function localStampReader(timeZone: string): (stamp: string, now: number) => number | undefined {
  const zone = zoneOf(timeZone);
  return (stamp, now) => {
    const local = stamp.length === LOCAL_LENGTH ? readLocal(stamp) : undefined;
    if (local === undefined) return undefined;
    const standard = local.asUtc - zone.standardOffsetMs(local.year);
    const summer = standard - HOUR_MS;
    const isRight = (instant: number): boolean => instant + zone.offsetMs(instant) === local.asUtc;
    return isRight(summer) && (standard > now || !isRight(standard)) ? summer : standard;
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

/** The time that the clock showed, taken as if it were UTC; undefined where there is no such time, or the clock was never set. */
function readLocal(stamp: string): { readonly asUtc: number; readonly year: number } | undefined {
  const year = 2000 + twoDigits(stamp, 0);
  const [month, day] = [twoDigits(stamp, 2), twoDigits(stamp, 4)];
  const [hour, minute, second] = [twoDigits(stamp, 6), twoDigits(stamp, 8), twoDigits(stamp, 10)];
  // What is no digit makes one of them NaN, and every comparison with it false.
  const isTime = year >= 2000 && hour <= 23 && minute <= 59 && second <= 59;
  if (!isTime || UNSET_YEARS.includes(year) || !(day >= 1 && day <= daysIn(year, month))) return undefined;
  return { asUtc: Date.UTC(year, month - 1, day, hour, minute, second), year };
}

function twoDigits(text: string, at: number): number {
  const [tens, ones] = [text.charCodeAt(at) - 0x30, text.charCodeAt(at + 1) - 0x30];
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN;
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function daysIn(year: number, month: number): number {
  const isLeap = year % 4 === 0;
  return month === 2 && isLeap ? 29 : (DAYS[month - 1] ?? 0);
}
