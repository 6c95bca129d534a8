import { zoneOf } from '../../codecs/p1/zone.js';

const HOUR_MS = 3_600_000;

/** A zone in which people live for each standard offset where meters with a P1 port are read, by hours east of UTC. */
const ZONES: Readonly<Record<number, string>> = {
  [-1]: 'Atlantic/Azores',
  0: 'Europe/London',
  1: 'Europe/Vienna',
  2: 'Europe/Helsinki',
  3: 'Europe/Istanbul',
};

/**
 * The time zone that would explain why a meter's clock seems to be whole hours ahead (negative: behind).
 * @param timeZone IANA name of the zone in which the clock was taken to run
 */
export function zoneHint(timeZone: string, hoursAhead: number, year: number): string {
  const offsetHours = zoneOf(timeZone).standardOffsetMs(year) / HOUR_MS + hoursAhead;
  const example = ZONES[offsetHours];
  const zone = `a zone of UTC${printOffset(offsetHours)} in winter${example === undefined ? '' : `, such as "${example}"`}`;
  return `client.time_zone is "${timeZone}": ${zone}, would fit`;
}

function printOffset(hours: number): string {
  const minutes = Math.round(Math.abs(hours) * 60);
  const twoDigits = (part: number): string => String(part).padStart(2, '0');
  return `${hours < 0 ? '-' : '+'}${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`;
}
