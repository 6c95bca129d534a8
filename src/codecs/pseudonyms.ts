/** Tries after which a short text may stand for two. */
const TRIES = 100;

/**
 * Made-up serial numbers in place of real ones: the same for the same, other ones for others, of the same length and with letters and digits in the same
 * places. They follow from the order in which the real ones are met and from nothing else, so that nobody can find the real ones by trying.
 */
export class Pseudonyms {
  readonly #made = new Map<string, string>();
  readonly #taken = new Set<string>();
  #random = 0;

  /** How many were replaced. */
  get size(): number {
    return this.#made.size;
  }

  /** The real ones, for finding them elsewhere. */
  get known(): Iterable<string> {
    return this.#made.keys();
  }

  /** In place of a text; where that is the hexadecimal form of a readable one, its pseudonym is too. */
  of(text: string): string {
    const inner = readableHex(text);
    if (inner === undefined) return this.#of(text, text);
    const digits = Buffer.from(this.#of(inner, inner), 'latin1').toString('hex');
    return /[A-F]/.test(text) ? digits.toUpperCase() : digits;
  }

  /** In place of a decimal number, with as many digits; at most `limit`. */
  ofNumber(number: number, limit: number): number {
    const text = String(number);
    return Number(this.#of(text, text, (candidate) => !candidate.startsWith('0') && Number(candidate) <= limit));
  }

  /** In place of a system title: the three letters of the manufacturer stay. */
  ofTitle(title: Uint8Array): Uint8Array {
    const digits = Buffer.from(title).toString('hex').toUpperCase();
    const made = this.#of(digits, digits, undefined, 6);
    return Buffer.from(made, 'hex');
  }

  #of(real: string, shape: string, fits: (candidate: string) => boolean = () => true, kept = 0): string {
    const known = this.#made.get(real);
    if (known !== undefined) return known;
    const isHex = /^(?=.*\d)[\dA-F]{8,}$/i.test(shape);
    let candidate = '';
    for (let attempt = 0; attempt < TRIES; attempt++) {
      candidate =
        shape.slice(0, kept) + Array.from(shape.slice(kept), (character) => this.#like(character, isHex ? 6 : 26)).join('');
      if (candidate !== real && !this.#taken.has(candidate) && fits(candidate)) break;
    }
    this.#made.set(real, candidate);
    this.#taken.add(candidate);
    return candidate;
  }

  /** A character of the same kind. */
  #like(character: string, letters: number): string {
    if (/\d/.test(character)) return String(this.#next(10));
    if (/[a-z]/.test(character)) return String.fromCharCode(0x61 + this.#next(letters));
    if (/[A-Z]/.test(character)) return String.fromCharCode(0x41 + this.#next(letters));
    return character;
  }

  /** The linear congruential generator of Numerical Recipes: the numbers need to look made up, no more. */
  #next(below: number): number {
    this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#random / 2 ** 32) * below);
  }
}

/** The printable text that hexadecimal digits stand for; undefined when they are none, or stand for something else. */
export function readableHex(text: string): string | undefined {
  if (text.length < 8 || !/^(?:[\dA-F]{2})+$/i.test(text)) return undefined;
  const inner = Buffer.from(text, 'hex').toString('latin1');
  return /^[\x20-\x7e]+$/.test(inner) ? inner : undefined;
}

/** Bytes of a recording that others take the place of. `end` is exclusive. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

/** What replaces bytes that nobody understands: they may hold anything. No frame of any protocol starts with it. */
const BLANK = 0xff;

/** Adds, to the edits of frames, the blanking of what is between them; what is said to tell nothing stays. */
export function blankBetween(
  bytes: Uint8Array,
  frames: readonly Edit[],
  saysNothing: (byte: number) => boolean,
): readonly Edit[] {
  const edits: Edit[] = [];
  let at = 0;
  for (const frame of [...frames, { start: bytes.length, end: bytes.length, bytes: new Uint8Array() }]) {
    const between = bytes.subarray(at, frame.start).map((byte) => (saysNothing(byte) ? byte : BLANK));
    if (between.length > 0) edits.push({ start: at, end: frame.start, bytes: between });
    if (frame.end > frame.start) edits.push(frame);
    at = frame.end;
  }
  return edits;
}
