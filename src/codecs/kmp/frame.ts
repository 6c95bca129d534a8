import { CRC16_XMODEM, crc16 } from '../crc16.js';
import type { Decoded, Decoder, FrameError } from '../decoder.js';

/** What travels between the start and the stop byte: its bytes unstuffed, its check sum right and removed. Kamstrup 5512-447, "Data link layer". */
export interface KmpFrame {
  /** 3F: the heat meter itself. Some meters answer with another. */
  readonly address: number;
  /** The CID that says what is asked, repeated in the answer. */
  readonly command: number;
  readonly data: Uint8Array;
}

/** Which way a frame goes: it begins with 80 to the meter and with 40 from the meter. */
export type Direction = 'request' | 'answer';

/** What a decoder has passed over in search of a frame: nothing but 00 bytes, which a meter may send unasked; noise; or frames of the other direction. */
export type Skipped = 'nothing' | 'noise' | 'echo';

const START = { request: 0x80, answer: 0x40 } as const satisfies Record<Direction, number>;
const STOP = 0x0d;
const ESCAPE = 0x1b;

/** The bytes that never stand for themselves inside a frame: they are sent as 1B and their complement. 06 is the meter's acknowledgement. */
const STUFFED: ReadonlySet<number> = new Set([START.request, START.answer, STOP, 0x06, ESCAPE]);

/** Address, command and check sum: the least that a frame can hold. */
const SHORTEST_BODY = 4;
/** Eight registers of id, unit, length, exponent and eight bytes, address, command and check sum. */
const LONGEST_BODY = 8 * (5 + 8) + SHORTEST_BODY;

/** The longest frame on the wire: start, a body of which each byte is stuffed, stop. */
export const MAX_FRAME_BYTES = 1 + 2 * LONGEST_BODY + 1;

const crc = crc16(CRC16_XMODEM);

/** A frame as it goes over the wire. The check sum is taken before stuffing and stuffed like everything else. */
export function encodeFrame(direction: Direction, { address, command, data }: KmpFrame): Uint8Array {
  const body = [address, command, ...data];
  const sum = crc(Uint8Array.from(body));
  return Uint8Array.from([START[direction], ...stuff([...body, sum >> 8, sum & 0xff]), STOP]);
}

/**
 * Finds the frames of one direction among echoes, noise and single 00 bytes. A start byte never stands inside a frame, so it ends an incomplete one,
 * and whatever a failed frame held can contain no other.
 */
export class KmpDecoder implements Decoder<KmpFrame> {
  readonly #direction: Direction;
  readonly #held = new Uint8Array(MAX_FRAME_BYTES);
  #length = 0;
  #skipped: Skipped = 'nothing';

  constructor(direction: Direction) {
    this.#direction = direction;
  }

  /** Whether a frame has begun and not yet ended. */
  get incomplete(): boolean {
    return this.#length > 0;
  }

  /** What was passed over since the decoder was made: tells a head that only echoes from a line on which nothing came. */
  get skipped(): Skipped {
    return this.#skipped;
  }

  push(chunk: Uint8Array): readonly (Decoded<KmpFrame> | FrameError)[] {
    const found: (Decoded<KmpFrame> | FrameError)[] = [];
    for (const byte of chunk) {
      if (byte === START.request || byte === START.answer) found.push(...this.#end('another frame began inside it'));
      const result = this.#take(byte);
      if (result) found.push(result);
    }
    return found;
  }

  idle(): readonly FrameError[] {
    return this.#end('it broke off');
  }

  #take(byte: number): Decoded<KmpFrame> | FrameError | undefined {
    if (this.#length === 0 && byte !== START[this.#direction]) {
      this.#skip(byte);
      return undefined;
    }
    this.#held[this.#length++] = byte;
    if (byte === STOP) return decodeFrame(this.#release());
    if (this.#length < MAX_FRAME_BYTES) return undefined;
    return frameError('truncated', `no end within ${MAX_FRAME_BYTES} bytes`, this.#release());
  }

  #skip(byte: number): void {
    if (byte === START.request || byte === START.answer) this.#skipped = 'echo';
    else if (byte !== 0 && this.#skipped === 'nothing') this.#skipped = 'noise';
  }

  #end(detail: string): FrameError[] {
    return this.#length === 0 ? [] : [frameError('truncated', detail, this.#release())];
  }

  #release(): Uint8Array {
    const bytes = this.#held.slice(0, this.#length);
    this.#length = 0;
    return bytes;
  }
}

function decodeFrame(bytes: Uint8Array): Decoded<KmpFrame> | FrameError {
  const body = unstuff(bytes.subarray(1, -1));
  if (!body) return frameError('checksum', 'an escape sequence is broken', bytes);
  const [address, command] = body;
  if (address === undefined || command === undefined || body.length < SHORTEST_BODY)
    return frameError('truncated', 'too short', bytes);
  // The check sum over a body and its own check sum is zero.
  if (crc(body) !== 0) return frameError('checksum', 'its check sum is wrong', bytes);
  return { kind: 'frame', frame: { address, command, data: body.subarray(2, -2) } };
}

function stuff(bytes: readonly number[]): number[] {
  return bytes.flatMap((byte) => (STUFFED.has(byte) ? [ESCAPE, ~byte & 0xff] : [byte]));
}

/** Undoes `stuff` in one pass: data `1B 7F` travels as `1B E4 7F`, which replacing one sequence after another turns into `80`. */
function unstuff(bytes: Uint8Array): Uint8Array | undefined {
  const plain = new Uint8Array(bytes.length);
  let length = 0;
  let escaped = false;
  for (const byte of bytes) {
    if (byte === ESCAPE && !escaped) {
      escaped = true;
      continue;
    }
    const value = escaped ? ~byte & 0xff : byte;
    if (escaped && !STUFFED.has(value)) return undefined;
    plain[length++] = value;
    escaped = false;
  }
  return escaped ? undefined : plain.subarray(0, length);
}

function frameError(what: FrameError['what'], detail: string, bytes: Uint8Array): FrameError {
  return { kind: 'error', what, detail, bytes };
}
