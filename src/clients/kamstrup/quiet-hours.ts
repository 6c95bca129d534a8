import type { DailyHours } from '../../model/settings.js';

/** The hours in which a meter is left alone, by the clocks of a time zone. */
export interface QuietHours extends DailyHours {
  /** An IANA time zone; undefined: the host's. */
  readonly timeZone: string | undefined;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MINUTES = 24 * 60;

/**
 * How long quiet hours last from `now` on; 0 outside of them. In the night in which the clocks change it is wrong by up to an hour until they have
 * changed, so whoever waits looks again meanwhile.
 * @param now milliseconds since 1970 UTC
 */
export function quietForMs({ fromMinute, toMinute, timeZone }: QuietHours, now: number): number {
  const minute = minuteOfDay(now, timeZone);
  const elapsed = modulo(minute - fromMinute, DAY_MINUTES);
  const lasting = modulo(toMinute - fromMinute, DAY_MINUTES);
  return elapsed < lasting ? (lasting - elapsed) * MINUTE_MS - (now % MINUTE_MS) : 0;
}

/** How long quiet hours last at the most: in autumn an hour comes twice. */
export function longestQuietMs({ fromMinute, toMinute }: QuietHours): number {
  return modulo(toMinute - fromMinute, DAY_MINUTES) * MINUTE_MS + HOUR_MS;
}

function minuteOfDay(now: number, timeZone: string | undefined): number {
  const format = new Intl.DateTimeFormat('en', { timeZone, hour: 'numeric', minute: 'numeric', hourCycle: 'h23' });
  const parts = new Map(format.formatToParts(now).map(({ type, value }) => [type, Number(value)]));
  return (parts.get('hour') ?? 0) * 60 + (parts.get('minute') ?? 0);
}

function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}
