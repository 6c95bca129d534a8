import type { CommandContext } from './command.js';

/** Gives text a colour, or leaves it as it is. */
export type Paint = Readonly<Record<keyof typeof CODES, (text: string) => string>>;

/** Select Graphic Rendition. ECMA-48, section 8.3.117. */
const CODES = { bold: 1, dim: 2, bad: 31, good: 32, warn: 33, cyan: 36 } as const;

/** Leaves all text as it is. */
export const PLAIN: Paint = paintBy((_, text) => text);

/** Colours as terminals show them. */
export const COLOURED: Paint = paintBy((code, text) => `\x1b[${code}m${text}\x1b[0m`);

/** Colours where standard output is a terminal that can show some, and nobody objects. https://no-color.org */
export function paintFor({ screen, env }: Pick<CommandContext, 'screen' | 'env'>): Paint {
  const wanted = screen?.() !== undefined && !env.NO_COLOR && env.TERM !== 'dumb';
  return wanted ? COLOURED : PLAIN;
}

function paintBy(apply: (code: number, text: string) => string): Paint {
  return Object.fromEntries(Object.entries(CODES).map(([name, code]) => [name, (text: string) => apply(code, text)])) as Paint;
}

/** A bar of ten cells for a share from 0 to 1. */
export function bar(share: number): string {
  const full = Math.round(Math.min(Math.max(share, 0), 1) * 10);
  return '█'.repeat(full) + '░'.repeat(10 - full);
}

/** Rows as a table: columns are as wide as their widest text, the last one is not filled up. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)));
  return rows.map((row) =>
    row
      .map((text, at) => (at === row.length - 1 ? text : text.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
