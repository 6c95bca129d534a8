/** A cell of a table as it was written. */
export interface CsvCell {
  readonly text: string;
  /** Whether it stood in quotes: what tells a text from a number, and an empty text from nothing. */
  readonly isQuoted: boolean;
}

/** A row of a table. */
export interface CsvRow {
  readonly kind: 'row';
  /** Where it begins, counted from 1. */
  readonly line: number;
  readonly cells: readonly CsvCell[];
}

/** Text that is no row, as a value: one bad line says nothing of the others. */
export interface CsvError {
  readonly kind: 'error';
  readonly line: number;
  /** What is wrong with it, in words. */
  readonly detail: string;
}

/** A quoted cell that goes on for longer was never meant to: its first quote is damage. */
const MAX_LINES = 100;
/** So is a line that is longer than all properties of any meter. */
const MAX_LENGTH = 2 ** 20;

/**
 * Reads a table in pieces, however it is cut. RFC 4180, section 2; lines may also end with a line feed alone, and a quote in a cell that is not quoted
 * stands for itself. Holds at most what a row may be long.
 */
export class CsvDecoder {
  /** A line without its end yet. */
  #rest = '';
  /** The lines of a row in which a quote is open. */
  #open: string[] = [];
  /** How many lines were taken. */
  #lines = 0;
  /** What is to be left out up to the next end of a line. */
  #isTooLong = false;

  /** Takes the next piece. */
  push(text: string): (CsvRow | CsvError)[] {
    const lines = (this.#rest + (this.#lines === 0 && this.#rest === '' ? text.replace(/^\ufeff/, '') : text)).split('\n');
    this.#rest = lines.pop() ?? '';
    const found = lines.flatMap((line) => this.#take(line));
    if (this.#rest.length > MAX_LENGTH) {
      this.#isTooLong = true;
      this.#rest = '';
    }
    return found;
  }

  /** There is no more: a last line need not have an end. */
  end(): (CsvRow | CsvError)[] {
    const found = this.#rest === '' && !this.#isTooLong ? [] : this.#take(this.#rest);
    this.#rest = '';
    while (this.#open.length > 0) found.push(...this.#giveUp());
    return found;
  }

  #take(line: string): (CsvRow | CsvError)[] {
    this.#lines += 1;
    if (!this.#isTooLong) return this.#add(line);
    this.#isTooLong = false;
    return [{ kind: 'error', line: this.#lines, detail: `longer than ${MAX_LENGTH} characters` }];
  }

  #add(line: string): (CsvRow | CsvError)[] {
    this.#open.push(line);
    const cells = splitCells(this.#open.join('\n').replace(/\r$/, ''));
    if (cells === 'open') return this.#open.length < MAX_LINES ? [] : this.#giveUp();
    const begun = this.#lines - this.#open.length + 1;
    const isEmpty = this.#open.every((each) => each.trim() === '');
    this.#open = [];
    if (typeof cells === 'string') return [{ kind: 'error', line: begun, detail: cells }];
    return isEmpty ? [] : [{ kind: 'row', line: begun, cells }];
  }

  /** The first of the lines is damaged; the others are lines of their own. */
  #giveUp(): (CsvRow | CsvError)[] {
    const [, ...others] = this.#open;
    this.#open = [];
    this.#lines -= others.length;
    const found: (CsvRow | CsvError)[] = [{ kind: 'error', line: this.#lines, detail: 'a quote is opened and not closed' }];
    return [...found, ...others.flatMap((line) => this.#take(line))];
  }
}

/** @returns the cells; `open` when the text ends inside a quoted one, else what is wrong with it */
function splitCells(text: string): CsvCell[] | 'open' | 'there is text behind a closing quote' {
  if (!text.includes('"')) return text.split(',').map((cell) => ({ text: cell, isQuoted: false }));
  const cells: CsvCell[] = [];
  for (let from = 0; from <= text.length;) {
    const isQuoted = text[from] === '"';
    const to = isQuoted ? closingQuote(text, from + 1) + 1 : indexOrEnd(text, from);
    if (isQuoted && to === 0) return 'open';
    if (to < text.length && text[to] !== ',') return 'there is text behind a closing quote';
    const cell = text.slice(from, to);
    cells.push({ text: isQuoted ? cell.slice(1, -1).replaceAll('""', '"') : cell, isQuoted });
    from = to + 1;
  }
  return cells;
}

function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 2)) if (text[at + 1] !== '"') return at;
  return -1;
}

function indexOrEnd(text: string, from: number): number {
  const at = text.indexOf(',', from);
  return at === -1 ? text.length : at;
}
