import { hexDigit, isLetter, isPrintable } from '../ascii.js';
import { GENERAL_GLO_CIPHERING, measureApdu } from '../dlms/ciphering.js';

/** What can be said of the bytes from a possible start on: how many there are, that more must arrive first, or that nothing starts there. */
export type Extent = number | 'more' | 'none';

/** The most that a frame may hold: the longest telegrams seen have 2.4 kB, and a text message may add 2 kB of hexadecimal digits. */
export const MAX_FRAME_BYTES = 8_192;

const SLASH = 0x2f;
const EXCLAMATION_MARK = 0x21;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** `/`, three letters of the manufacturer, and the character for the baud rate. */
const HEADER_BYTES = 5;

/** Digits of the CRC16; meters that do not pad it send fewer. */
const CRC_DIGITS = 4;

/** What is searched again when more bytes arrive: the end of a telegram (line end, `!`, CRC) or a start may have been cut. */
const OVERLAP_BYTES = 16;

/** Bytes with which a telegram may end, or the next frame start, by their value: one look-up for each byte. */
const MAY_END = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte === EXCLAMATION_MARK || byte === SLASH || byte === GENERAL_GLO_CIPHERING ? 1 : 0,
);

/** Whether a telegram starts at `at`, as far as its first bytes tell. DSMR 5.0.2 P1 Companion Standard. */
export function measureHeader(bytes: Uint8Array, at: number, end: number): Extent {
  if (bytes[at] !== SLASH) return 'none';
  for (let index = 1; index < HEADER_BYTES; index++) {
    if (at + index >= end) return 'more';
    const byte = bytes[at + index] ?? 0;
    if (index === HEADER_BYTES - 1 ? !isPrintable(byte) : !isLetter(byte)) return 'none';
  }
  return HEADER_BYTES;
}

/** Finds the end of a telegram, resuming where it left off, so that a telegram that arrives in many pieces is searched once. */
export class TelegramMeter {
  #searched = 0;

  /** Forgets the search: the next telegram starts elsewhere. */
  reset(): void {
    this.#searched = 0;
  }

  /**
   * Measures the telegram whose header is at `at`. It ends after its CRC, or where the next frame starts, since neither start occurs within a telegram.
   * @param quiet nothing more will come, so that what has arrived decides
   */
  measure(bytes: Uint8Array, at: number, end: number, quiet: boolean): Extent {
    const header = measureHeader(bytes, at, end);
    if (typeof header === 'string') return header;
    const limit = Math.min(end, at + MAX_FRAME_BYTES);
    for (let index = at + Math.max(HEADER_BYTES, this.#searched); index < limit; index++) {
      const byte = bytes[index] ?? 0;
      if (!MAY_END[byte]) continue;
      if (byte === EXCLAMATION_MARK && isLineEnd(bytes[index - 1])) return measureEnd(bytes, at, index, end, quiet);
      const start = startAt(bytes, index, end);
      if (typeof start === 'number') return index - at;
      if (start === 'more' && !quiet) return this.#resumeAt(index - at);
    }
    if (limit - at === MAX_FRAME_BYTES) return 'none';
    return this.#resumeAt(Math.max(0, end - at - OVERLAP_BYTES));
  }

  #resumeAt(searched: number): 'more' {
    this.#searched = searched;
    return 'more';
  }
}

/** Whether a frame of either kind starts at `at`: a number when it does. */
export function startAt(bytes: Uint8Array, at: number, end: number): Extent {
  const header = measureHeader(bytes, at, end);
  return header === 'none' ? measureApdu(bytes, at, end) : header;
}

/** Whether a byte ends a line. */
export function isLineEnd(byte: number | undefined): boolean {
  return byte === LINE_FEED || byte === CARRIAGE_RETURN;
}

function measureEnd(bytes: Uint8Array, at: number, mark: number, end: number, quiet: boolean): Extent {
  let index = mark + 1;
  while (index < end && index <= mark + CRC_DIGITS && hexDigit(bytes[index] ?? 0) !== undefined) index++;
  const complete = index < end || index > mark + CRC_DIGITS || quiet;
  return complete ? index - at : 'more';
}
