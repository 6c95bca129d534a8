import type { Decoder } from '../decoder.js';

/** Set in a byte whose parity is wrong: no character of a telegram has it. */
const MARK = 0x80;

const SLASH = 0x2f;

/** Whether each byte has an even number of ones. */
const IS_EVEN: readonly boolean[] = Array.from({ length: 256 }, (_, byte) => ones(byte) % 2 === 0);

/**
 * Reads a line of 7 data bits with even parity (7E1) through one of 8 data bits without (8N1), which are the same ten bits on the wire: checks the
 * parity bit of each character and takes it away. A line on whose way that was done before, by a terminal or an adapter, is read as well; each telegram
 * tells by its characters which of both it is. A character that does not fit keeps its highest bit, by which `decoder` knows that it is damaged.
 */
export function withoutParity<Frame>(decoder: Decoder<Frame>): Decoder<Frame> {
  const line = new ParityLine();
  return {
    push: (chunk) => decoder.push(line.read(chunk)),
    idle: () => decoder.idle(),
  };
}

/** Whether there is a parity bit shows only in characters with an odd number of ones: it is then set, or it was taken away. */
class ParityLine {
  /** What the characters of this telegram have shown. */
  #isSet = false;
  #isGone = false;

  read(chunk: Uint8Array): Uint8Array {
    return chunk.map((byte) => this.#character(byte));
  }

  #character(byte: number): number {
    const character = byte & 0x7f;
    if (character === SLASH) this.#isSet = this.#isGone = false;
    if (!IS_EVEN[byte] && byte !== character) return byte;
    if (IS_EVEN[character]) return character;
    if (byte === character) this.#isGone = true;
    else this.#isSet = true;
    return this.#isSet && this.#isGone ? character | MARK : character;
  }
}

function ones(byte: number): number {
  let count = 0;
  for (let rest = byte; rest > 0; rest >>= 1) count += rest & 1;
  return count;
}
