import type { Step } from './feed.js';
import type { Random } from './random.js';

/** A decoder that frames go into. */
export interface StreamTarget<Original extends { readonly wire: Uint8Array }> {
  readonly name: string;
  /** Whether damage that its check sum of 16 bits does not tell can get through by chance. */
  readonly checkSumOnly: boolean;
  /** Bytes that mean something to the decoder. */
  readonly token: (random: Random) => Uint8Array;
  make(random: Random, number: number): Original;
  /**
   * Puts a stream through a new decoder. What comes out must be frames that were sent, the first and the last of them in any case.
   * @param sent the frames of which the stream was made, in their order
   * @returns how many frames came out that were never sent and whose check sum is right nevertheless
   * @throws Violation anything else came out, or something is missing
   */
  judge(steps: readonly Step[], sent: readonly Original[]): number;
}

/** Something that takes what stands in a frame. */
export interface ParserTarget {
  readonly name: string;
  /** Makes one input, gives it to the parser and compares. @throws Violation */
  readonly examine: (random: Random) => void;
}
