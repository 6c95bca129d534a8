import type { Decoder, FrameError } from '../../src/codecs/decoder.js';
import type { Random } from './random.js';

/** How a stream reaches a decoder: bytes, or a quiet line. */
export type Step = Uint8Array | 'idle';

/** Something came out, or did not come out, that must not. */
export class Violation extends Error {}

/** Cuts bytes as a link may deliver them: at once, in a few pieces, or byte by byte. */
export function chunksOf(bytes: Uint8Array, random: Random): Uint8Array[] {
  const longest = random.pick([Infinity, Infinity, 64, 8, 1]);
  if (longest === Infinity || bytes.length > 20 * longest) return [bytes];
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + 1 + random.below(longest);
    chunks.push(bytes.subarray(at, end));
    at = end;
  }
  return chunks;
}

/** The same, with the line quiet now and then. */
export function stepsOf(bytes: Uint8Array, random: Random): Step[] {
  const chunks = chunksOf(bytes, random);
  if (random.oneIn(2)) return chunks;
  return chunks.flatMap((chunk): Step[] => (random.oneIn(chunks.length + 1) ? ['idle', chunk] : [chunk]));
}

/** The frames that come out of a stream. @throws Violation when an error shows more bytes than a frame may have */
export function framesOf<Frame>(decoder: Decoder<Frame>, steps: readonly Step[], maxFrameBytes: number): Frame[] {
  const frames: Frame[] = [];
  for (const step of steps) {
    for (const finding of step === 'idle' ? decoder.idle() : decoder.push(step)) {
      if (finding.kind === 'frame') frames.push(finding.frame);
      else checkError(finding, maxFrameBytes);
    }
  }
  return frames;
}

/** The steps as they are shown when something is wrong. */
export function printSteps(steps: readonly Step[]): string {
  return steps.map((step) => (step === 'idle' ? 'idle' : Buffer.from(step).toString('hex'))).join(' ');
}

function checkError({ bytes, detail }: FrameError, maxFrameBytes: number): void {
  if (bytes.length > maxFrameBytes) throw new Violation(`an error of ${bytes.length} bytes: ${detail}`);
}
