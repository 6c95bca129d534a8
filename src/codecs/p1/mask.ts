import { CRC16_ARC, crc16 } from '../crc16.js';
import { readableHex, type Pseudonyms } from '../pseudonyms.js';

const crc = crc16(CRC16_ARC);

/** Objects that name a meter, a connection or a device: 96.1 but for 96.1.4, which is a version; 42.0.0; 0.0.x; C.1.x of IEC 62056-21. */
const NAMES = /^(?:\d+-\d+:)?(?:96\.1\.(?!4(?:\D|$))\d+|42\.0\.0|0\.0\.\d+|C\.1\.\d+)(?:[.*]\d+)?$/;

/** Messages of the grid operator to its customer. DSMR 5.0.2 P1 Companion Standard, section 6.12. */
const TEXTS = /96\.13\.\d+(?:[.*]\d+)?$/;

/** Contents that name nobody: numbers with a decimal point or a unit, times, codes, and what is short. Everything else is replaced, whatever object it is of. */
const HARMLESS = [
  /^.{0,5}$/,
  /^(?:-?\d{1,7}|0+)$/,
  /^-?\d+\.\d+(?:\*?[A-Za-z0-9]{1,6})?$/,
  /^-?\d+\*[A-Za-z0-9]{1,6}$/,
  /^-?\d+[kM]?(?:Wh|W|varh|var|VAh|VA|V|A|Hz|m3|GJ|MJ|s)$/i,
  /^\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-4])[0-5]\d[0-5]\d[SW]?$/,
  /^\d{1,3}-\d{1,3}:\d{1,3}\.\d{1,3}\.\d{1,3}$/,
];

/** A word in a header or outside of brackets that may be a serial number. */
const LONG_WORD = /[A-Za-z0-9]{8,}/g;
const HEADER_WORD = /[A-Za-z0-9]{12,}/g;

/**
 * Replaces what tells whose meter a telegram is of, and blanks texts. Its length stays unless its CRC16 is not padded; the CRC16 is made anew: right where it was right, wrong by the same
 * bits where it was wrong.
 * @param telegram from `/` to the last digit of the CRC16, and perhaps what follows
 */
export function maskTelegram(telegram: Uint8Array, pseudonyms: Pseudonyms): Uint8Array {
  const text = Buffer.from(telegram).toString('latin1');
  const headerEnd = text.search(/[\r\n]/);
  const mark = text.lastIndexOf('!');
  const bodyEnd = mark === -1 ? text.length : mark;
  if (headerEnd === -1 || headerEnd > bodyEnd) return telegram.map(() => 0x20);
  const body = maskBody(text.slice(headerEnd, bodyEnd), pseudonyms);
  const header = maskHeader(text.slice(0, headerEnd), pseudonyms);
  return Buffer.from(header + body + remakeChecksum(text, header + body, bodyEnd), 'latin1');
}

function maskBody(body: string, pseudonyms: Pseudonyms): string {
  let code = '';
  return body.replaceAll(
    /([^()]*)(\(([^()]*)\))?/g,
    (_, before: string, bracket: string | undefined, content: string | undefined) => {
      // Several brackets, and those of the next line, belong to one object.
      code = before.trim() === '' ? code : before.trim();
      const outside = before.replaceAll(LONG_WORD, (word) => pseudonyms.of(word));
      return bracket === undefined ? outside : `${outside}(${maskContent(code, content ?? '', pseudonyms)})`;
    },
  );
}

function maskContent(code: string, content: string, pseudonyms: Pseudonyms): string {
  if (TEXTS.test(code)) return blank(content);
  const bare = content.replaceAll(/[\r\n]/g, '');
  if (bare === '' || (!NAMES.test(code) && HARMLESS.some((pattern) => pattern.test(bare)))) return content;
  const made = pseudonyms.of(bare);
  let at = 0;
  return content.replaceAll(/[^\r\n]/g, () => made.charAt(at++));
}

function blank(content: string): string {
  const bare = content.replaceAll(/[\r\n]/g, '');
  const blanks = readableHex(bare) === undefined && !/^(?:[\dA-F]{2})+$/i.test(bare) ? ' ' : '20';
  let at = 0;
  return content.replaceAll(/[^\r\n]/g, () => blanks.charAt(at++ % blanks.length));
}

/** Most headers name a model; those of some meters hold the serial number. */
function maskHeader(header: string, pseudonyms: Pseudonyms): string {
  const [start, rest] = [header.slice(0, 5), header.slice(5)];
  const known = [...pseudonyms.known].filter((real) => real.length >= 6);
  const masked = known.reduce((text, real) => text.replaceAll(real, () => pseudonyms.of(real)), rest);
  if (masked !== rest) return start + masked;
  return start + rest.replaceAll(HEADER_WORD, (word) => (word.replaceAll(/\D/g, '').length >= 8 ? pseudonyms.of(word) : word));
}

/** From `!` on. */
function remakeChecksum(text: string, masked: string, mark: number): string {
  const [, digits = '', rest = ''] = /^!([\dA-Fa-f]{0,4})([^]*)$/.exec(text.slice(mark)) ?? [];
  if (digits === '') return text.slice(mark).replaceAll(LONG_WORD, (word) => ' '.repeat(word.length));
  const sumOf = (of: string): number => crc(Buffer.from(`${of}!`, 'latin1'));
  const sum = sumOf(masked) ^ sumOf(text.slice(0, mark)) ^ Number.parseInt(digits, 16);
  const made = sum.toString(16).padStart(digits.length, '0');
  return `!${/[a-f]/.test(digits) ? made : made.toUpperCase()}${rest}`;
}
