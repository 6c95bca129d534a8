import { judgeShown } from './campaign.js';
import { join, withBit } from './mutate.js';
import type { StreamTarget } from './target.js';

/**
 * Spoils a frame in every way of a kind, between two that are good: each bit flipped, each byte lost or sent twice, cut at each place, begun at each place, spliced
 * with another at each pair of places.
 * @returns how many streams that were, and how many frames came out that were never sent
 */
export function spoilSystematically<Original extends { readonly wire: Uint8Array }>(
  target: StreamTarget<Original>,
  [before, frame, other, after]: readonly [Original, Original, Original, Original],
): { readonly inputs: number; readonly collisions: number } {
  let inputs = 0;
  let collisions = 0;
  for (const spoilt of spoiltWays(frame.wire, other.wire)) {
    inputs++;
    collisions += judgeShown(target, [before.wire, spoilt, after.wire, 'idle'], [before, frame, other, after]);
  }
  return { inputs, collisions };
}

function* spoiltWays(frame: Uint8Array, other: Uint8Array): Generator<Uint8Array> {
  for (let bit = 0; bit < frame.length * 8; bit++) yield withBit(frame, bit);
  for (let at = 0; at <= frame.length; at++) {
    yield frame.subarray(0, at);
    yield frame.subarray(at);
    yield join(frame.subarray(0, at), frame.subarray(at + 1));
    yield join(frame.subarray(0, at), frame.subarray(Math.max(0, at - 1)));
    for (let from = 0; from <= other.length; from++) yield join(frame.subarray(0, at), other.subarray(from));
  }
}
