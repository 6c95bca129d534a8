const QUARTER_MS = 900_000;

/** What P1 has to know of a time zone, in milliseconds east of UTC. */
export interface Zone {
  /** The offset in winter, also where clocks stand an hour ahead in summer. */
  standardOffsetMs(year: number): number;
  /** The offset at an instant. */
  offsetMs(instant: number): number;
}

/**
 * A time zone by its IANA name, with its answers remembered as far as consecutive telegrams ask for them again.
 * @throws RangeError when the name is unknown
 */
export function zoneOf(timeZone: string): Zone {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  const measure = (instant: number): number => {
    const name = format.formatToParts(instant).find(({ type }) => type === 'timeZoneName')?.value ?? '';
    const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)/.exec(name) ?? [];
    const offsetMs = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000;
    return sign === '-' ? -offsetMs : offsetMs;
  };
  const standard = remember((year) => Math.min(measure(Date.UTC(year, 0, 1)), measure(Date.UTC(year, 6, 1))));
  // Clocks change at full quarters of an hour UTC everywhere.
  const atQuarter = remember((quarter) => measure(quarter * QUARTER_MS));
  return { standardOffsetMs: standard, offsetMs: (instant) => atQuarter(Math.floor(instant / QUARTER_MS)) };
}

/** Remembers the last answer. */
function remember(answer: (question: number) => number): (question: number) => number {
  let last: readonly [question: number, answer: number] | undefined;
  return (question) => {
    if (last?.[0] !== question) last = [question, answer(question)];
    return last[1];
  };
}
