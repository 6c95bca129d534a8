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

/** `A-B:C.D.E`, perhaps with `.F` or `*F`. IEC 62056-61, "OBIS". */
const OBIS = /^\d{1,3}-\d{1,3}:\d{1,3}\.\d{1,3}\.\d{1,3}(?:[.*]\d{1,3})?$/;

/** F = 255, beside C.D.E. */
const CURRENT = /(?<=:\d+\.\d+\.\d+)[.*]255$/;

/**
 * Takes a telegram apart. Tolerant, since its CRC says that it is as the meter meant it: lines that are no objects are skipped, a bracket may go on in
 * the next line, and so may the brackets of an object. DSMR 5.0.2 P1 Companion Standard; IEC 62056-21, data lines.
 * @param telegram from `/` to the CRC; bytes beyond ASCII are read as Latin-1
 */
export function parseTelegram(telegram: Uint8Array): Telegram {
  const text = Buffer.from(telegram.buffer, telegram.byteOffset, telegram.length).toString('latin1');
  const [header = '', ...lines] = text.split(text.includes('\r\n') ? '\r\n' : '\n');
  const objects: TelegramObject[] = [];
  for (let index = 0; index < lines.length; index++) {
    let line = lines[index] ?? '';
    while (isOpen(line) && !startsAfresh(lines[index + 1])) line += lines[++index] ?? '';
    const bracket = line.indexOf('(');
    if (bracket === -1 || !line.endsWith(')')) continue;
    const contents = readContents(line, bracket);
    const obis = line.slice(0, bracket);
    if (OBIS.test(obis)) objects.push({ obis: obis.endsWith('255') ? obis.replace(CURRENT, '') : obis, contents });
    const continued = bracket === 0 ? objects.pop() : undefined;
    if (continued) objects.push({ ...continued, contents: [...continued.contents, ...contents] });
  }
  return { identification: header.slice(1), objects };
}

function readContents(line: string, bracket: number): string[] {
  const contents = line.slice(bracket + 1, -1);
  return contents.includes(')') ? contents.split(')(') : [contents];
}

/** Whether the last bracket of a line goes on in the next. */
function isOpen(line: string): boolean {
  return !line.endsWith(')') && line.includes('(');
}

/** Whether a line cannot be the rest of the one before: it is an object, the end, or there is none. */
function startsAfresh(line: string | undefined): boolean {
  return line === undefined || line.startsWith('!') || OBIS.test(line.slice(0, Math.max(0, line.indexOf('('))));
}
