import type { Random } from './random.js';

/** What mutations are made of, beside the bytes themselves. */
export interface Material {
  readonly random: Random;
  /** Another frame. */
  readonly other: Uint8Array;
  /** Bytes that mean something to the decoder: starts, ends, escapes, wild lengths. */
  readonly token: (random: Random) => Uint8Array;
}

type Mutation = (bytes: Uint8Array, material: Material) => Uint8Array;

const MUTATIONS: readonly [Mutation, ...Mutation[]] = [
  flipBit,
  flipBit,
  flipBits,
  overwrite,
  removeChunk,
  repeatChunk,
  swapChunks,
  insertNoise,
  insertToken,
  overwriteWithToken,
  overwriteWithToken,
  cutEnd,
  cutBeginning,
  splice,
  glue,
  setTopBits,
  nothingButNoise,
  tokensOnly,
];

/** Does to a frame what a line, a bridge or an adversary may do: one mutation, or several. */
export function mutate(frame: Uint8Array, material: Material): Uint8Array {
  const { random } = material;
  let bytes = frame;
  for (let count = 1 + (random.oneIn(3) ? random.below(4) : 0); count > 0; count--) {
    bytes = random.pick(MUTATIONS)(bytes, material);
  }
  return bytes;
}

/** The same bytes with one bit flipped. */
export function withBit(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = Uint8Array.from(bytes);
  flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return flipped;
}

/** The pieces as one. */
export function join(...pieces: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(pieces);
}

function flipBit(bytes: Uint8Array, { random }: Material): Uint8Array {
  return bytes.length === 0 ? bytes : withBit(bytes, random.below(bytes.length * 8));
}

function flipBits(bytes: Uint8Array, { random }: Material): Uint8Array {
  if (bytes.length === 0) return bytes;
  const flipped = Uint8Array.from(bytes);
  for (let count = 2 + random.below(15); count > 0; count--) {
    const at = random.below(bytes.length);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << random.below(8));
  }
  return flipped;
}

function overwrite(bytes: Uint8Array, { random }: Material): Uint8Array {
  const [from, to] = range(bytes, random, 16);
  const changed = Uint8Array.from(bytes);
  changed.set(random.bytes(to - from), from);
  return changed;
}

function removeChunk(bytes: Uint8Array, { random }: Material): Uint8Array {
  const [from, to] = range(bytes, random, random.oneIn(2) ? 2 : bytes.length);
  return join(bytes.subarray(0, from), bytes.subarray(to));
}

function repeatChunk(bytes: Uint8Array, { random }: Material): Uint8Array {
  const [from, to] = range(bytes, random, bytes.length);
  return join(bytes.subarray(0, to), bytes.subarray(from));
}

function swapChunks(bytes: Uint8Array, { random }: Material): Uint8Array {
  const [a, b, c, d] = [0, 0, 0, 0].map(() => random.below(bytes.length + 1)).sort((x, y) => x - y);
  return join(bytes.subarray(0, a), bytes.subarray(c, d), bytes.subarray(b, c), bytes.subarray(a, b), bytes.subarray(d));
}

function insertNoise(bytes: Uint8Array, { random }: Material): Uint8Array {
  const at = random.below(bytes.length + 1);
  return join(bytes.subarray(0, at), random.bytes(1 + random.below(random.oneIn(4) ? 64 : 4)), bytes.subarray(at));
}

function insertToken(bytes: Uint8Array, { random, token }: Material): Uint8Array {
  const at = random.below(bytes.length + 1);
  return join(bytes.subarray(0, at), token(random), bytes.subarray(at));
}

function overwriteWithToken(bytes: Uint8Array, { random, token }: Material): Uint8Array {
  const written = token(random);
  const at = random.below(Math.max(1, bytes.length - written.length));
  return join(bytes.subarray(0, at), written, bytes.subarray(at + written.length));
}

function cutEnd(bytes: Uint8Array, { random }: Material): Uint8Array {
  return bytes.subarray(0, random.below(bytes.length + 1));
}

function cutBeginning(bytes: Uint8Array, { random }: Material): Uint8Array {
  return bytes.subarray(random.below(bytes.length + 1));
}

/** The beginning of one frame and the end of another: at the same place, or anywhere. */
function splice(bytes: Uint8Array, { random, other }: Material): Uint8Array {
  const at = random.below(bytes.length + 1);
  return join(bytes.subarray(0, at), other.subarray(random.oneIn(2) ? at : random.below(other.length + 1)));
}

function glue(bytes: Uint8Array, { other }: Material): Uint8Array {
  return join(bytes, other);
}

/** A line that is read with 8 data bits where 7 and a parity bit are sent. */
function setTopBits(bytes: Uint8Array, { random }: Material): Uint8Array {
  const [from, to] = range(bytes, random, bytes.length);
  return bytes.map((byte, at) => (at >= from && at < to ? byte | 0x80 : byte));
}

function nothingButNoise(_: Uint8Array, { random }: Material): Uint8Array {
  return random.bytes(random.below(200));
}

function tokensOnly(_: Uint8Array, { random, token }: Material): Uint8Array {
  return join(...Array.from({ length: 1 + random.below(12) }, () => token(random)));
}

function range(bytes: Uint8Array, random: Random, longest: number): readonly [from: number, to: number] {
  const from = random.below(bytes.length + 1);
  return [from, Math.min(bytes.length, from + 1 + random.below(Math.max(1, longest)))];
}
