import { printNumber } from '../../model/decimal.js';

/** A cell of a table; undefined: nothing is known. */
export type Cell = number | boolean | string | undefined;

/** The end of a line. RFC 4180, section 2. */
export const CRLF = '\r\n';

/** Joins cells to a line without its end. Texts are quoted where they must be. RFC 4180, section 2. */
export function joinCells(cells: readonly Cell[]): string {
  return cells.map((cell) => (typeof cell === 'string' && !/[",\r\n]/.test(cell) ? cell : printCell(cell))).join(',');
}

/** A cell that tells its type as well: texts are always quoted, numbers and flags never. */
export function printCell(cell: Cell): string {
  if (cell === undefined) return '';
  if (typeof cell === 'string') return `"${cell.replaceAll('"', '""')}"`;
  return typeof cell === 'number' ? printNumber(cell) : String(cell);
}

/** What `printCell` printed. */
export function parseCell(text: string): Cell {
  if (text === '') return undefined;
  if (text.startsWith('"')) return unquote(text);
  return text === 'true' || text === 'false' ? text === 'true' : Number(text);
}

/** The text of a cell, quoted or not. */
export function unquote(text: string): string {
  return text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text;
}

/** The cells of a line without its end, as they are written. */
export function splitCells(line: string): string[] {
  if (!line.includes('"')) return line.split(',');
  return [...line.matchAll(/(?<=^|,)(?:"(?:[^"]|"")*"|[^,"]*)(?=,|$)/gs)].map(([cell]) => cell);
}

/** The lines of a text that comes in pieces, without their ends; a quoted cell may hold one. What has no end at the last is no line: it was torn. */
export async function* linesOf(pieces: AsyncIterable<string> | Iterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of pieces) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    let begun = '';
    for (const line of lines) {
      begun += line;
      if (isOpen(begun)) {
        begun += '\n';
        continue;
      }
      yield begun.replace(/\r$/, '');
      begun = '';
    }
    rest = begun + rest;
  }
}

/** Whether a text ends inside a quoted cell. */
function isOpen(text: string): boolean {
  return text.includes('"') && (text.split('"').length - 1) % 2 === 1;
}
