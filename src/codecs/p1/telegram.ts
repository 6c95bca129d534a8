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
    end = endOfBrackets(text, at);
    const trimmed = trimEnd(text, at, end);
    if (trimmed === at) continue;
    const bracket = openingBracket(text, at);
    const isClosed = text.charCodeAt(trimmed - 1) === CLOSE;
    const more: TelegramObject | undefined = isClosed && continues && text.charCodeAt(at) === OPEN ? objects.pop() : undefined;
    if (isClosed && bracket !== -1) {
      objects.push({ obis: readCode(text, at, bracket), contents: readContents(text, bracket, trimmed - 1) });
    } else if (more) {
      objects.push({ ...more, contents: [...more.contents, ...readContents(text, at, trimmed - 1)] });
    } else {
      skippedLines.push(...text.slice(at, trimmed).split(LINE_END));
    }
    continues = more !== undefined || (isClosed && bracket !== -1);
  }
  return { identification, objects, skippedLines };
}

/** Where the line at `at` ends, or the last of those over which its brackets go. */
function endOfBrackets(text: string, at: number): number {
  let end = endOfLine(text, at);
  if (isClosedAt(text, at, end) || !text.slice(at, end).includes('(')) return end;
  while (!isClosedAt(text, at, end) && !startsAfresh(text, end + 1)) end = endOfLine(text, end + 1);
  return end;
}

function isClosedAt(text: string, at: number, end: number): boolean {
  return text.charCodeAt(trimEnd(text, at, end) - 1) === CLOSE;
}

/** Where the line that starts at `at` ends: its line feed, or the end of the text. */
function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end;
}

/** Where the line ends without what fills it up. */
function trimEnd(text: string, at: number, end: number): number {
  while (end > at && PADDING.includes(text.charCodeAt(end - 1))) end--;
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
  return obis.endsWith('255') ? obis.replace(CURRENT, '') : obis;
}

/** @param close of the last bracket */
function readContents(text: string, bracket: number, close: number): string[] {
  const isOne = text.indexOf(')', bracket) === close;
  const contents = text.slice(bracket + 1, close);
  if (isOne && !contents.includes('\n')) return [contents];
  return contents.replaceAll(LINE_END, '').split(')(');
}

/** Whether a line cannot be the rest of the one before: it is an object, the end, or there is none. */
function startsAfresh(text: string, at: number): boolean {
  return at >= text.length || text.charCodeAt(at) === EXCLAMATION_MARK || openingBracket(text, at) !== -1;
}
