import { randomFrom } from '../../src/simulators/random.js';

/** A source of chance that gives the same for the same seed. */
export interface Random {
  /** An integer from 0 up to, not including, `limit`. */
  below(limit: number): number;
  /** True once in `times`. */
  oneIn(times: number): boolean;
  pick<const T>(list: readonly [T, ...T[]]): T;
  bytes(length: number): Uint8Array;
}

/** The chance of one input: it depends on the campaign's seed and the input's number alone, so that any input can be had again. */
export function randomOf(seed: number, input = 0): Random {
  const next = randomFrom(mix(mix(seed) ^ input));
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    oneIn: (times) => below(times) === 0,
    pick: (list) => list[below(list.length)] ?? list[0],
    bytes: (length) => {
      const bytes = new Uint8Array(length);
      for (let at = 0; at < length; at++) bytes[at] = below(256);
      return bytes;
    },
  };
}

/** A seed that nobody chose. */
export function freshSeed(): number {
  return Math.floor(Math.random() * 2 ** 31);
}

/** Spreads neighbouring numbers: the finalizer of MurmurHash3. */
function mix(number: number): number {
  let hash = number ^ (number >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
