/** A source of numbers from 0 up to, not including, 1: the same ones for the same seed. Algorithm: mulberry32 by Tommy Ettinger. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A number from 0 up to, not including, 1 that depends on nothing but its arguments. */
export function uniform(seed: number, n: number): number {
  const mixed = Math.imul(Math.imul(seed, 0x9e3779b1) ^ n, 0x85ebca6b);
  return randomFrom(mixed ^ (mixed >>> 15))();
}
