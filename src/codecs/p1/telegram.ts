/** One line of a telegram: what it is about, and the contents of its brackets. */
export interface TelegramObject {
  /** `A-B:C.D.E`, without an F that is 255, the code for "current". */
  readonly obis: string;
  readonly contents: readonly string[];
}

/** A telegram, taken apart. */
export interface Telegram {
  /** The header line after the `/`. */
  readonly identification: string;
  /** In the order sent. */
  readonly objects: readonly TelegramObject[];
}

/** A telegram as it was read. */
export interface ParsedTelegram extends Telegram {
  /** Lines that are no objects, in the order sent. Empty ones do not count. */
  readonly skippedLines: readonly string[];
}

/** F = 255, beside C.D.E. */
const CURRENT = /(?<=:\d+\.\d+\.\d+)[.*]255$/;

/** What stands between the value groups A to E of an OBIS code. IEC 62056-61, "OBIS". */
const SEPARATORS = '-:..';
const MAX_GROUP_DIGITS = 3;

const OPEN = 0x28;
const CLOSE = 0x29;
const EXCLAMATION_MARK = 0x21;
const ASTERISK = 0x2a;
const POINT = 0x2e;
const FIVE = 0x35;

/** What may fill up the end of a line: blank, NUL, carriage return, and 0xFF, the value of erased memory. */
const PADDING: readonly number[] = [0x20, 0x00, 0x0d, 0xff];

const LINE_END = /\r?\n/g;

/**
 * Takes a telegram apart, up to its `!`. Tolerant, since its CRC says that it is as the meter meant it: a bracket may go on in the next line, and so may the
 * brackets of an object. DSMR 5.0.2 P1 Companion Standard; IEC 62056-21, data lines.
 * @param telegram from `/` to the CRC; bytes beyond ASCII are read as Latin-1
 */
export function parseTelegram(telegram: Uint8Array): ParsedTelegram {
  const latin1 = Buffer.from(telegram.buffer, telegram.byteOffset, telegram.length).toString('latin1');
  const text = latin1.includes('\n') ? latin1 : latin1.replaceAll('\r', '\n');
  const objects: TelegramObject[] = [];
  const skippedLines: string[] = [];
  /** Whether the line before is an object, to which brackets at the start of the next belong. */
  let continues = false;
  let end = endOfLine(text, 0);
  const identification = text.slice(1, text[end - 1] === '\r' ? end - 1 : end);
  while (end < text.length) {
    const at = end + 1;
    if (text.charCodeAt(at) === EXCLAMATION_MARK) break;
    end = endOfLine(text, at);
    let line: Line = { text, at, close: trimEnd(text, at, end) - 1 };
    if (line.close < at) continue;
    if (text.charCodeAt(line.close) !== CLOSE) {
      end = endOfBrackets(text, at, end);
      line = joined(text.slice(at, trimEnd(text, at, end)));
    }
    const object = readObject(line);
    const more: readonly string[] | undefined = !object && continues ? readMore(line) : undefined;
    const before: TelegramObject | undefined = more && objects.pop();
    if (object) objects.push(object);
    else if (before && more) objects.push({ obis: before.obis, contents: [...before.contents, ...more] });
    else skippedLines.push(...text.slice(at, trimEnd(text, at, end)).split(LINE_END));
    continues = object !== undefined || before !== undefined;
  }
  return { identification, objects, skippedLines };
}

/** A line within a text, or several that are one. */
interface Line {
  readonly text: string;
  readonly at: number;
  /** Its last character, which closes its last bracket if it is an object. */
  readonly close: number;
}

function joined(lines: string): Line {
  const text = lines.replaceAll(LINE_END, '');
  return { text, at: 0, close: text.length - 1 };
}

function readObject({ text, at, close }: Line): TelegramObject | undefined {
  const bracket = text.charCodeAt(close) === CLOSE ? openingBracket(text, at) : -1;
  return bracket === -1 ? undefined : { obis: readCode(text, at, bracket), contents: readContents(text, bracket, close) };
}

/** The contents of a line that is nothing but brackets. */
function readMore({ text, at, close }: Line): string[] | undefined {
  return text.charCodeAt(at) === OPEN && text.charCodeAt(close) === CLOSE ? readContents(text, at, close) : undefined;
}

/** Where the last of the lines ends over which the brackets of an open one go. */
function endOfBrackets(text: string, at: number, end: number): number {
  let last = end;
  if (!text.slice(at, end).includes('(')) return last;
  while (text.charCodeAt(trimEnd(text, at, last) - 1) !== CLOSE && !startsAfresh(text, last + 1))
    last = endOfLine(text, last + 1);
  return last;
}

/** Where the line that starts at `at` ends: its line feed, or the end of the text. */
function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end;
}

/** Where the line ends without what fills it up. */
function trimEnd(text: string, at: number, end: number): number {
  for (; end > at; end--) {
    const code = text.charCodeAt(end - 1);
    if (code === CLOSE || !PADDING.includes(code)) break;
  }
  return end;
}

/** The bracket that follows the OBIS code at `at`; -1 when there is no such code. */
function openingBracket(text: string, at: number): number {
  for (let group = 0; group <= SEPARATORS.length + 1; group++) {
    const start = at;
    while (isDigit(text.charCodeAt(at))) at++;
    if (at === start || at - start > MAX_GROUP_DIGITS) return -1;
    const code = text.charCodeAt(at);
    if (group >= SEPARATORS.length && code === OPEN) return at;
    if (group === SEPARATORS.length ? code !== POINT && code !== ASTERISK : code !== SEPARATORS.charCodeAt(group)) return -1;
    at++;
  }
  return -1;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function readCode(text: string, at: number, bracket: number): string {
  const obis = text.slice(at, bracket);
  return text.charCodeAt(bracket - 1) === FIVE ? obis.replace(CURRENT, '') : obis;
}

/** @param close of the last bracket */
function readContents(text: string, bracket: number, close: number): string[] {
  const contents: string[] = [];
  let at = bracket + 1;
  for (let next = text.indexOf(')', at); next !== close; next = text.indexOf(')', next + 1)) {
    if (text.charCodeAt(next + 1) !== OPEN) continue;
    contents.push(text.slice(at, next));
    at = next + 2;
  }
  contents.push(text.slice(at, close));
  return contents;
}

/** Whether a line cannot be the rest of the one before: it is an object, the end, or there is none. */
function startsAfresh(text: string, at: number): boolean {
  return at >= text.length || text.charCodeAt(at) === EXCLAMATION_MARK || openingBracket(text, at) !== -1;
}
