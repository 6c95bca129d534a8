import { hexDigit, isPrintable } from '../ascii.js';
import { crc16, CRC16_ARC } from '../crc16.js';
import type { Decoder, FrameError } from '../decoder.js';
import { parseApdu } from '../dlms/ciphering.js';
import { isLineEnd, measureHeader } from './extent.js';
import { P1Scanner } from './scanner.js';

/** A telegram that arrived intact. */
export interface P1Frame {
  /** From `/` to the last digit of the CRC, or to the `!` when there is none. */
  readonly telegram: Uint8Array;
  /** Only of an encrypted frame. */
  readonly ciphering?: {
    /** 16 hexadecimal digits. */
    readonly systemTitle: string;
    readonly frameCounter: number;
  };
}

/** What the CRC16 of a telegram says. `absent`: the telegram ends with a bare `!`; `unterminated`: it has no header or no end. */
export type Checksum = 'right' | 'wrong' | 'absent' | 'unterminated';

/** A telegram found in a text, and what its CRC16 says. */
export interface CheckedTelegram {
  readonly telegram: Uint8Array;
  readonly checksum: Checksum;
}

const crc = crc16(CRC16_ARC);

const SLASH = 0x2f;
const EXCLAMATION_MARK = 0x21;
const CRC_DIGITS = 4;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Said by a telegram of DSMR 4 or later, which always has a CRC16. */
const VERSION = '1-3:0.2.8';

/**
 * Decodes unencrypted P1 telegrams: `/ … !CRC`. DSMR 5.0.2 P1 Companion Standard.
 * @param crc whether the CRC16 must be there. Those of DSMR 2 and 3 have none: `optional` takes their telegrams too, if they are plain ASCII and do not say
 * that they are of a later version. One that is there must be right in any case.
 */
export function plainDecoder(crc: 'required' | 'optional' = 'required'): Decoder<P1Frame> {
  return new P1Scanner<P1Frame>({
    telegram: (bytes) => {
      const { checksum } = checkTelegram(bytes);
      const error = crc === 'optional' && checksum === 'absent' ? judgeUnchecked(bytes) : telegramError(checksum, bytes);
      return error ?? { kind: 'frame', frame: { telegram: Buffer.from(bytes) } };
    },
    apdu: (bytes) => {
      const meter = printTitle(parseApdu(bytes).systemTitle);
      const detail = `meter ${meter} encrypts: set client.encryption_key to the key (GUEK) that the grid operator hands out for it`;
      return { kind: 'error', what: 'encrypted', detail, bytes };
    },
    uncheckedBytes: 0,
  });
}

/** Cuts a telegram out of a text that holds one at the most, and computes its CRC16, from `/` to `!` inclusive. */
export function checkTelegram(text: Uint8Array): CheckedTelegram {
  const start = text.indexOf(SLASH);
  const mark = text.lastIndexOf(EXCLAMATION_MARK);
  const isTelegram = typeof measureHeader(text, start, mark) === 'number' && isLineEnd(text[mark - 1]);
  if (!isTelegram) return { telegram: text, checksum: 'unterminated' };
  let sent = 0;
  let at = mark + 1;
  for (; at <= mark + CRC_DIGITS; at++) {
    const digit = hexDigit(text[at] ?? 0);
    if (digit === undefined) break;
    sent = sent * 16 + digit;
  }
  const telegram = text.subarray(start, at);
  if (at === mark + 1) return { telegram, checksum: 'absent' };
  return { telegram, checksum: crc(text, start, mark + 1) === sent ? 'right' : 'wrong' };
}

/** Says what is wrong with an unencrypted telegram that must have a CRC16; undefined when nothing is. */
export function telegramError(checksum: Checksum, bytes: Uint8Array): FrameError | undefined {
  switch (checksum) {
    case 'right':
      return undefined;
    case 'wrong':
      return damaged(`the CRC16 of the telegram does not match${lostReturns(bytes)}`, bytes);
    case 'absent':
      return damaged(
        'the telegram has no CRC16: if the meter is one of DSMR 2 or 3, set preset = "dsmr2" in [client.link]',
        bytes,
      );
    case 'unterminated':
      return { kind: 'error', what: 'truncated', detail: 'the end of the telegram is missing', bytes };
  }
}

/** What speaks against a telegram without a CRC16; undefined when nothing does. */
function judgeUnchecked(bytes: Uint8Array): FrameError | undefined {
  const headerEnd = bytes.indexOf(LINE_FEED);
  const foreign = bytes.findIndex((byte, at) => at > headerEnd && !isPrintable(byte) && !isLineEnd(byte));
  if (foreign !== -1 || bytes.some((byte) => byte > 0x7e))
    return damaged('characters of the telegram are damaged (parity)', bytes);
  if (!Buffer.from(bytes).includes(VERSION)) return undefined;
  return damaged(`the telegram has no CRC16, although it is of DSMR 4 or later (${VERSION})`, bytes);
}

/** Says that a CRC16 would be right if each line ended with CR and LF, as meters send them. */
function lostReturns(bytes: Uint8Array): string {
  if (bytes.includes(CARRIAGE_RETURN)) return '';
  const restored = Buffer.from(Buffer.from(bytes).toString('latin1').replaceAll('\n', '\r\n'), 'latin1');
  if (checkTelegram(restored).checksum !== 'right') return '';
  return ': it would if something on the way did not take away the CR of each line end. Have the bytes passed on as they are';
}

function damaged(detail: string, bytes: Uint8Array): FrameError {
  return { kind: 'error', what: 'checksum', detail, bytes };
}

/** A system title as it is written: hexadecimal digits. */
export function printTitle(systemTitle: Uint8Array): string {
  return Buffer.from(systemTitle).toString('hex').toUpperCase();
}
