import { chunksOf, printSteps, stepsOf, Violation, type Step } from './feed.js';
import { KMP_PARSER, KMP_TARGET } from './kmp-target.js';
import { mutate } from './mutate.js';
import { P1_PARSERS } from './p1-parsers.js';
import { P1_TARGETS } from './p1-target.js';
import { randomOf, type Random } from './random.js';
import type { ParserTarget, StreamTarget } from './target.js';

/** Frames to choose from. */
const POOL = 64;
/** One stream in so many floods the decoder. */
const FLOODS = 2_000;
const FLOOD_BYTES = 40_000;

/** Part of a campaign: the inputs from `from` to, not including, `to`. */
export interface Stretch {
  readonly seed: number;
  readonly from: number;
  readonly to: number;
}

/** What a target was given, and what came of it. */
export interface Tally {
  readonly inputs: number;
  /** Frames that were never sent, can be read, and have a right check sum of 16 bits nevertheless. */
  readonly collisions: number;
}

interface Examiner {
  readonly name: string;
  /** @returns collisions */
  examine(random: Random): number;
}

/** Gives decoders and parsers the inputs of a stretch, in turn. @throws Violation with the bytes of the input that failed, and how to have it again */
export function fuzz({ seed, from, to }: Stretch): Map<string, Tally> {
  const examiners = examinersOf(seed);
  const tallies = new Map<string, Tally>(examiners.map(({ name }) => [name, { inputs: 0, collisions: 0 }]));
  for (let input = from; input < to; input++) {
    const examiner = examiners[input % examiners.length];
    if (!examiner) break;
    const { inputs, collisions } = tallies.get(examiner.name) ?? { inputs: 0, collisions: 0 };
    try {
      const more = examiner.examine(randomOf(seed, input));
      tallies.set(examiner.name, { inputs: inputs + 1, collisions: collisions + more });
    } catch (error) {
      throw new Violation(`${examiner.name}: ${String(error)}\nagain: --seed ${seed} --from ${input} --inputs 1`, {
        cause: error,
      });
    }
  }
  return tallies;
}

function examinersOf(seed: number): readonly Examiner[] {
  const streams = [...P1_TARGETS.map((target) => streamExaminer(target, seed)), streamExaminer(KMP_TARGET, seed)];
  // Decoders get more inputs than parsers: there is more to spoil.
  return [...streams, ...streams, ...[...P1_PARSERS, KMP_PARSER].map(parserExaminer)];
}

function parserExaminer({ name, examine }: ParserTarget): Examiner {
  return {
    name,
    examine: (random) => {
      examine(random);
      return 0;
    },
  };
}

function streamExaminer<Original extends { readonly wire: Uint8Array }>(target: StreamTarget<Original>, seed: number): Examiner {
  const making = randomOf(seed);
  const pool = (): Original => target.make(making, making.below(2 ** 32));
  const frames: readonly [Original, ...Original[]] = [pool(), ...Array.from({ length: POOL - 1 }, pool)];
  const { token } = target;
  return {
    name: target.name,
    examine(random) {
      const [before, damaged, other, after] = [0, 0, 0, 0].map(() => random.pick(frames)) as [
        Original,
        Original,
        Original,
        Original,
      ];
      const mutated = random.oneIn(FLOODS) ? flood(random, token) : mutate(damaged.wire, { random, other: other.wire, token });
      const steps: Step[] = [before.wire, ...stepsOf(mutated, random), ...chunksOf(after.wire, random), 'idle'];
      return judgeShown(target, steps, [before, damaged, other, after]);
    },
  };
}

/** Judges a stream; what it throws shows the stream. */
export function judgeShown<Original extends { readonly wire: Uint8Array }>(
  target: StreamTarget<Original>,
  steps: readonly Step[],
  sent: readonly Original[],
): number {
  try {
    return target.judge(steps, sent);
  } catch (error) {
    throw new Violation(`${String(error)}\n${printSteps(steps)}`, { cause: error });
  }
}

/** Bytes without an end: one thing again and again, or noise. */
function flood(random: Random, token: (random: Random) => Uint8Array): Uint8Array {
  if (random.oneIn(4)) return random.bytes(FLOOD_BYTES);
  const piece = Buffer.concat(Array.from({ length: 1 + random.below(3) }, () => token(random)));
  return Buffer.alloc(FLOOD_BYTES, piece);
}
