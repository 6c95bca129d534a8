import { count } from '../options.js';
import type { Screen } from '../command.js';
import { table, type Paint } from '../paint.js';
import { printValue } from '../tell.js';
import type { Row, View } from './board.js';

/** Values older than so many periods of the meter are stale. */
const STALE_PERIODS = 3;

/** States that are as they should be: of the pipeline, and of Homie. */
const GOOD: readonly string[] = ['ok', 'ready'];

/** States in which nothing is known yet. */
const OPEN: readonly string[] = ['waiting', 'init'];

/** Draws what is known of a meter, in lines that fit the screen: what does not is said to be left out. */
export function renderView(view: View, { columns, rows }: Screen, paint: Paint): string[] {
  const { title, source, identity } = view;
  const head = [
    paint.bold(cut(title, columns)),
    paint.dim(cut(`from ${source}`, columns)),
    stateLine(view, columns, paint),
    ...(identity === '' ? [] : [cut(identity, columns)]),
    cut(paceLine(view), columns),
    '',
  ];
  // The line that the cursor stands in is not drawn on.
  const room = Math.max(1, rows - head.length - 1);
  const lines = valueLines(view, columns, paint);
  if (lines.length <= room) return [...head, ...lines];
  const shown = lines.slice(0, room - 1);
  return [...head, ...shown, paint.dim(`… and ${lines.length - shown.length} more; a higher window shows them`)];
}

function stateLine({ state, detail }: View, columns: number, paint: Paint): string {
  const text = cut(detail === '' || detail === state ? state : `${state}: ${detail}`, columns);
  if (GOOD.includes(state)) return paint.good(text);
  return OPEN.includes(state) ? paint.warn(text) : paint.bad(text);
}

function paceLine({ readings, faults, everyMs }: View): string {
  const pace = everyMs === undefined ? '' : `, one every ${(everyMs / 1_000).toFixed(1)} s`;
  const heard = readings + faults;
  const ratio = faults === 0 || heard === 0 ? '' : ` (${((faults / heard) * 100).toFixed(1)} %)`;
  return `${count(readings, 'reading')}${pace}; ${count(faults, 'fault')}${ratio}`;
}

function valueLines({ rows, everyMs }: View, columns: number, paint: Paint): string[] {
  if (rows.length === 0) return [paint.dim('nothing was heard yet')];
  const texts = rows.map(({ value }) => printValue(value));
  const width = Math.max(...rows.map(({ value }, at) => (typeof value === 'number' ? (texts[at]?.length ?? 0) : 0)));
  const cells = rows.map((row, at) => {
    const text = texts[at] ?? '';
    const shown = typeof row.value === 'number' ? text.padStart(width) : text;
    return [row.path, row.unit === '' ? shown : `${shown} ${row.unit}`, ageOf(row), growthOf(row)];
  });
  return table(cells).map((line, at) => {
    const isStale = everyMs !== undefined && (rows[at]?.ageMs ?? 0) > everyMs * STALE_PERIODS;
    return isStale ? paint.dim(cut(line, columns)) : cut(line, columns);
  });
}

function ageOf({ ageMs }: Row): string {
  if (ageMs === undefined) return 'stored';
  const seconds = Math.floor(ageMs / 1_000);
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7_200 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3_600)} h`;
}

function growthOf({ perHour, unit }: Row): string {
  if (perHour === undefined || perHour === 0) return '';
  const digits = Math.abs(perHour) >= 100 ? 0 : 2;
  return `${perHour > 0 ? '+' : ''}${perHour.toFixed(digits)} ${unit}/h`;
}

function cut(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, columns - 1)}…`;
}

/** What draws lines in place of those drawn before. ECMA-48, "CUU", "ED". */
export function repaint(lines: readonly string[], before: number): string {
  const back = before === 0 ? '' : `\x1b[${before}A\r\x1b[J`;
  return `${back}${lines.map((line) => `${line}\n`).join('')}`;
}
