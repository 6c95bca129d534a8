import { zoneOf } from '../codecs/p1/zone.js';

/** A stretch of time: from the first inclusive to the second exclusive, milliseconds since 1970 UTC. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The days, months and clock of a place. */
export interface LocalTime {
  /** The clock's face, `2026-01-15T13:00:00`; with milliseconds where there are some. */
  readonly face: (at: number) => string;
  /** The face with its offset to UTC, `2026-01-15T13:00:00+01:00`. RFC 3339. */
  readonly stamp: (at: number) => string;
  /** Whether clocks stand ahead for the summer. */
  readonly isSummer: (at: number) => boolean;
  /** `2026-01-15`. */
  readonly date: (at: number) => string;
  /** From midnight to midnight: 23 or 25 hours where clocks change. */
  readonly day: (at: number) => Span;
  /** From the first of the month to the next. */
  readonly month: (at: number) => Span;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/**
 * The local time of a zone.
 * @param timeZone IANA name; that of this machine when absent
 */
export function localTimeOf(timeZone = new Intl.DateTimeFormat().resolvedOptions().timeZone): LocalTime {
  const zone = zoneOf(timeZone);
  /** An instant, so that what it says in UTC is what the clock shows. */
  const shown = (at: number): Date => new Date(at + zone.offsetMs(at));
  const face = (at: number): string =>
    shown(at)
      .toISOString()
      .replace(/(\.000)?Z$/, '');
  /** The first instant at which the clock shows that midnight or more. */
  const midnight = (year: number, month: number, day: number): number => {
    const wanted = Date.UTC(year, month, day);
    const offsets = [zone.offsetMs(wanted - DAY_MS), zone.offsetMs(wanted + DAY_MS)];
    // Where clocks are set back at midnight it comes twice, and the day begins with the first; where they are set on, it is left out.
    const early = wanted - Math.max(...offsets);
    return early + zone.offsetMs(early) >= wanted ? early : wanted - Math.min(...offsets);
  };
  const span = (at: number, inDays: boolean): Span => {
    const date = shown(at);
    const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
    return inDays
      ? { from: midnight(year, month, day), to: midnight(year, month, day + 1) }
      : { from: midnight(year, month, 1), to: midnight(year, month + 1, 1) };
  };
  return {
    face,
    stamp: (at) => face(at) + printOffset(zone.offsetMs(at)),
    isSummer: (at) => zone.offsetMs(at) > zone.standardOffsetMs(shown(at).getUTCFullYear()),
    date: (at) => face(at).slice(0, 10),
    day: (at) => span(at, true),
    month: (at) => span(at, false),
  };
}

function printOffset(offsetMs: number): string {
  const minutes = Math.abs(offsetMs) / MINUTE_MS;
  const two = (number: number): string => String(Math.floor(number)).padStart(2, '0');
  return `${offsetMs < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
}
