import { readerOf } from './content.js';
import { printInstant, type OwnTime } from './own-time.js';
import { pathOf } from './targets.js';
import { PEAK_ROWS, STORED_PEAKS } from '../../model/models/electricity/demand.js';
import { MONTH_END_AT, MONTH_END_LIST } from '../../model/models/electricity/month-end.js';

/** The instant of a stamp, undefined where it is no time. */
export type ReadStamp = (stamp: string) => number | undefined;

/** Maximum demand of the month, which the stored peaks are of. */
const PEAK_OBIS = '1-0:1.6.0';

const PEAKS = PEAK_ROWS.filter(({ timeProperty }) => timeProperty !== undefined).map((row) => ({
  path: pathOf(row),
  timePath: `${row.node}/${row.timeProperty ?? ''}`,
  read: readerOf(row, true),
}));

const MONTH_END = MONTH_END_LIST.map((row) => ({ path: pathOf(row), read: readerOf(row, true) }));

/**
 * Reads 0-0:98.1.0, of which there are two: the peaks of the last months in Belgium (e-MUCS P1 1.3) and the registers at the end of the last month in Hungary.
 * @returns undefined when it is neither
 */
export function readList(contents: readonly string[], readStamp: ReadStamp): readonly OwnTime[] | undefined {
  if (contents.length === 1) return [];
  if (contents[1] === PEAK_OBIS) return readPeaks(contents.slice(3), readStamp);
  return contents.length === MONTH_END.length + 1 ? readMonthEnd(contents, readStamp) : undefined;
}

/** Reads 1-0:99.97.0: when each long power failure ended, and how many seconds it lasted. DSMR 5.0.2 P1 Companion Standard. @returns JSON */
export function readFailures(contents: readonly string[], readStamp: ReadStamp): string {
  const failures = [];
  for (let at = 2; at + 1 < contents.length; at += 2) {
    const ended = readStamp(contents[at] ?? '');
    failures.push({
      ended: ended === undefined ? null : printInstant(ended),
      seconds: Number.parseInt(contents[at + 1] ?? '', 10),
    });
  }
  return JSON.stringify(failures);
}

/** Each peak is three brackets: the end of its month, its time, its value. Month 1 is the one that ended last, in whatever order they are sent. */
function readPeaks(brackets: readonly string[], readStamp: ReadStamp): readonly OwnTime[] {
  const months: { readonly end: number; readonly at: number | undefined; readonly content: string }[] = [];
  for (let index = 0; index + 2 < brackets.length; index += 3) {
    const [end, at] = [brackets[index], brackets[index + 1]].map((stamp = '') => readStamp(stamp));
    if (end !== undefined) months.push({ end, at, content: brackets[index + 2] ?? '' });
  }
  months.sort((one, other) => other.end - one.end);
  return months.slice(0, STORED_PEAKS).flatMap(({ at, content }, index) => {
    const slot = PEAKS[index];
    const value = slot?.read(content);
    if (!slot || at === undefined || typeof value !== 'number') return [];
    return [{ measuredAt: at, values: { [slot.path]: value, [slot.timePath]: printInstant(at) } }];
  });
}

function readMonthEnd([stamp = '', ...contents]: readonly string[], readStamp: ReadStamp): readonly OwnTime[] | undefined {
  const end = readStamp(stamp);
  const values = contents.map((content, index) => MONTH_END[index]?.read(content));
  if (values.some((value) => typeof value !== 'number')) return undefined;
  if (end === undefined) return [];
  const entries = MONTH_END.map(({ path }, index) => [path, values[index] as number] as const);
  return [{ measuredAt: end, values: { ...Object.fromEntries(entries), [`month-end/${MONTH_END_AT}`]: printInstant(end) } }];
}
