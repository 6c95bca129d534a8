import { hexDigit } from '../ascii.js';
import { crc16, CRC16_ARC } from '../crc16.js';
import type { Decoder, FrameError } from '../decoder.js';
import { parseApdu } from '../dlms/ciphering.js';
import { isLineEnd, measureHeader } from './extent.js';
import { P1Scanner } from './scanner.js';

/** A telegram that arrived intact. */
export interface P1Frame {
  /** From `/` to the last digit of the CRC. */
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

/** Decodes unencrypted P1 telegrams: `/ … !CRC`. DSMR 5.0.2 P1 Companion Standard. The CRC16 must be there and right. */
export function plainDecoder(): Decoder<P1Frame> {
  return new P1Scanner<P1Frame>({
    telegram: (bytes) => {
      const { checksum } = checkTelegram(bytes);
      return checksum === 'right' ? { kind: 'frame', frame: { telegram: bytes.slice() } } : telegramError(checksum, bytes);
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

/** Says what is wrong with an unencrypted telegram. */
export function telegramError(checksum: Exclude<Checksum, 'right'>, bytes: Uint8Array): FrameError {
  switch (checksum) {
    case 'wrong':
      return { kind: 'error', what: 'checksum', detail: 'the CRC16 of the telegram does not match', bytes };
    case 'absent':
      return {
        kind: 'error',
        what: 'checksum',
        detail: 'the telegram has no CRC16, as those of DSMR 2 and 3, which are not supported',
        bytes,
      };
    case 'unterminated':
      return { kind: 'error', what: 'truncated', detail: 'the end of the telegram is missing', bytes };
  }
}

/** A system title as it is written: hexadecimal digits. */
export function printTitle(systemTitle: Uint8Array): string {
  return Buffer.from(systemTitle).toString('hex').toUpperCase();
}
