/** Integers of numbers and times are kept below this, so that what is made of two of them stays exact. */
export const MAX_INTEGER = 2 ** 46;

/** Puts numbers and texts behind each other into bytes; grows as it goes. */
export class ByteWriter {
  #bytes = Buffer.allocUnsafe(1_024);
  #length = 0;

  /** What was written since the last time, as a copy; the writer is empty then. */
  finish(): Buffer {
    const written = Buffer.from(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
    return written;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** An integer from 0 to 2^53, seven bits a byte, the lowest first, the top bit set where more follow (LEB128). */
  varint(value: number): void {
    this.#reserve(8);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  double(value: number): void {
    this.#reserve(8);
    this.#length = this.#bytes.writeDoubleLE(value, this.#length);
  }

  /** The bytes of a text, without its length. */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** A text with its length before it. */
  text(text: string): void {
    const bytes = Buffer.from(text, 'utf8');
    this.varint(bytes.length);
    this.raw(bytes);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(2 * this.#bytes.length + more);
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

/** Takes from bytes what a `ByteWriter` put there. @throws RangeError where they end too early */
export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** How many bytes were taken. */
  get position(): number {
    return this.#at;
  }

  byte(): number {
    const value = this.#bytes[this.#at++];
    if (value === undefined) throw new RangeError('the bytes end too early');
    return value;
  }

  varint(): number {
    let value = 0;
    for (let factor = 1; factor <= 2 ** 49; factor *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw new RangeError('a number is too long');
  }

  double(): number {
    return this.raw(8).readDoubleLE(0);
  }

  raw(length: number): Buffer {
    const from = this.#at;
    if (from + length > this.#bytes.length) throw new RangeError('the bytes end too early');
    this.#at = from + length;
    return this.#bytes.subarray(from, this.#at);
  }

  text(): string {
    return this.raw(this.varint()).toString('utf8');
  }
}

/** Signed integers as unsigned ones, small as small: 0, -1, 1, -2, … become 0, 1, 2, 3, … */
export function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

/** The signed integer of an unsigned one. */
export function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
