import { zoneOf, type Zone } from '../codecs/p1/zone.js';
import { UsageError } from './command.js';

/** `2026`, `2026-01`, `2026-01-15`, `2026-01-15T12:30`, `2026-01-15 12:30:05.123`; with `Z` or an offset where it has a time of day. ISO 8601. */
const WRITTEN = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?(Z|[+-]\d\d:?\d\d)?)?)?)?$/;

const DAY_MS = 86_400_000;

/** What a person wrote: an instant, or a year, a month or a day, which last. */
interface Moment {
  readonly from: number;
  /** Where it lasts: its end, excluded. */
  readonly to?: number;
}

/**
 * A stretch of time from what was written on the command line. Years, months and days, and times of day without an offset, are those of the zone; the
 * last of them is part of the stretch, an instant is not.
 * @param timeZone IANA name
 * @returns milliseconds since 1970 UTC, the first included, the second excluded; infinite where nothing was written
 * @throws UsageError it is no time, or nothing is between the two
 */
export function parseRange(
  { from, to }: { readonly from: string | undefined; readonly to: string | undefined },
  timeZone: string,
): { readonly from: number; readonly to: number } {
  const zone = zoneOf(timeZone);
  const first = from === undefined ? -Infinity : parseMoment('--from', from, zone).from;
  const last = to === undefined ? undefined : parseMoment('--to', to, zone);
  const end = last?.to ?? last?.from ?? Infinity;
  if (first >= end) throw new UsageError(`nothing is between --from ${from} and --to ${to}`);
  return { from: first, to: end };
}

/** An instant from what was written on the command line, as `parseRange` reads it. @throws UsageError it is none */
export function parseInstant(option: string, written: string, timeZone: string): number {
  return parseMoment(option, written, zoneOf(timeZone)).from;
}

function parseMoment(option: string, written: string, zone: Zone): Moment {
  const [, year, month, day, hour, minute, second = '0', fraction = '0', offset] = WRITTEN.exec(written.trim()) ?? [];
  const expected = (): UsageError =>
    new UsageError(
      `${option} takes a time such as 2026, 2026-01, 2026-01-15, 2026-01-15T12:30 or 2026-01-15T12:30:00Z, not "${written}"`,
    );
  if (year === undefined) throw expected();
  const [y, m, d] = [Number(year), Number(month ?? 1) - 1, Number(day ?? 1)];
  const date = new Date(Date.UTC(y, m, d));
  const isDate = date.getUTCMonth() === m && date.getUTCDate() === d;
  const isTime = Number(hour ?? 0) <= 23 && Number(minute ?? 0) <= 59 && Number(second) <= 59;
  if (!isDate || !isTime) throw expected();
  if (hour !== undefined) {
    const shown = Date.UTC(y, m, d, Number(hour), Number(minute), Number(second), Number(fraction.padEnd(3, '0')));
    return { from: offset === undefined ? instantOf(zone, shown) : shown - offsetMs(offset) };
  }
  const [nextYear, nextMonth, nextDay] = month === undefined ? [y + 1, 0, 1] : day === undefined ? [y, m + 1, 1] : [y, m, d + 1];
  return { from: instantOf(zone, date.getTime()), to: instantOf(zone, Date.UTC(nextYear, nextMonth, nextDay)) };
}

/** When clocks show that: of an hour that comes twice the first time; one that is left out counts as standard time. */
function instantOf(zone: Zone, shown: number): number {
  const [one, other] = [zone.offsetMs(shown - DAY_MS), zone.offsetMs(shown + DAY_MS)];
  const early = shown - Math.max(one, other);
  return early + zone.offsetMs(early) >= shown ? early : shown - Math.min(one, other);
}

function offsetMs(offset: string): number {
  if (offset === 'Z') return 0;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(-2));
  return (offset.startsWith('-') ? -minutes : minutes) * 60_000;
}
