import { mapTelegram } from '../../src/clients/p1/map.js';
import type { Decoder } from '../../src/codecs/decoder.js';
import { encryptedDecoder } from '../../src/codecs/p1/encrypted.js';
import { MAX_FRAME_BYTES } from '../../src/codecs/p1/extent.js';
import { plainDecoder, type P1Frame } from '../../src/codecs/p1/frame.js';
import { parseTelegram } from '../../src/codecs/p1/telegram.js';
import { TAG_BYTES } from '../../src/codecs/dlms/ciphering.js';
import { KEYS } from '../support/p1.js';
import { framesOf, Violation, type Step } from './feed.js';
import { join } from './mutate.js';
import { makeP1, p1Token, type P1Original } from './p1-frames.js';
import { isRight, plaintextsIn } from './p1-oracle.js';
import type { Random } from './random.js';
import type { StreamTarget } from './target.js';

/** A decoder of P1, as it is set up by the settings. */
interface P1Kind {
  readonly name: string;
  readonly encrypted: boolean;
  /** Whether a frame that was not sent can get through by chance: one in 65,536 of those whose damage is longer than 16 bits. */
  readonly checkSumOnly: boolean;
  readonly decoder: () => Decoder<P1Frame>;
}

const KINDS: readonly P1Kind[] = [
  { name: 'P1, plain', encrypted: false, checkSumOnly: true, decoder: plainDecoder },
  { name: 'P1, verified', encrypted: true, checkSumOnly: false, decoder: () => encryptedDecoder(KEYS) },
  {
    name: 'P1, checked',
    encrypted: true,
    checkSumOnly: true,
    decoder: () => encryptedDecoder({ encryptionKey: KEYS.encryptionKey }),
  },
];

/** The decoders of P1. */
export const P1_TARGETS: readonly StreamTarget<P1Original>[] = KINDS.map((kind) => ({
  name: kind.name,
  checkSumOnly: kind.checkSumOnly,
  token: p1Token,
  make: (random: Random, number: number) => makeP1(random, number, kind.encrypted),
  judge: (steps, sent) => judge(kind, steps, sent),
}));

function judge(kind: P1Kind, steps: readonly Step[], sent: readonly P1Original[]): number {
  const frames = framesOf(kind.decoder(), steps, MAX_FRAME_BYTES);
  const stream = join(...steps.filter((step) => step !== 'idle'));
  let collisions = 0;
  for (const frame of frames) {
    const original = sent.find((candidate) => isSame(frame, candidate));
    if (original) checkValues(frame, original);
    else if (kind.checkSumOnly && isCollision(kind, frame, stream)) collisions++;
    else throw new Violation(`a frame that was not sent: ${Buffer.from(frame.telegram).toString('latin1')}`);
  }
  const [first, last] = [sent.at(0), sent.at(-1)];
  const [found, recovered] = [frames.at(0), frames.at(-1)];
  if (first && !(found && isSame(found, first))) throw new Violation('the frame before is missing');
  if (last && !(recovered && isSame(recovered, last)) && !reachesInto(last, sent, stream, kind))
    throw new Violation('the frame after is missing');
  return collisions;
}

/**
 * Whether a frame lost its last bytes and is whole again with the first ones of the frame after it, which then is not: one lost byte in 256 happens to be DB.
 * Without a tag that is checked, the last byte that counts is the last digit of the CRC.
 */
function reachesInto({ wire: after }: P1Original, sent: readonly P1Original[], stream: Uint8Array, kind: P1Kind): boolean {
  const before = stream.subarray(0, stream.length - after.length);
  return sent.some(({ wire, lineEndBytes }) => {
    const checked = kind.checkSumOnly ? wire.subarray(0, wire.length - lineEndBytes - TAG_BYTES) : wire;
    return [1, 2, 3, 4].some((lost) => Buffer.compare(before.subarray(lost - checked.length), checked.subarray(0, -lost)) === 0);
  });
}

function isSame({ telegram, ciphering }: P1Frame, original: P1Original): boolean {
  const { text } = original;
  if (telegram.length > text.length + 4) return false;
  if (ciphering?.frameCounter !== original.ciphering?.frameCounter) return false;
  if (ciphering?.systemTitle !== original.ciphering?.systemTitle) return false;
  const found = Buffer.from(telegram.buffer, telegram.byteOffset, telegram.length).toString('latin1');
  const digits = found.slice(text.length);
  return found.startsWith(text) && /^[0-9A-Fa-f]+$/.test(digits) && parseInt(digits, 16) === original.crc;
}

function checkValues({ telegram }: P1Frame, { values }: P1Original): void {
  const { 'power/net-usage': _, 'messages/text': __, ...found } = mapTelegram(parseTelegram(telegram)).values;
  const paths = Object.keys(found);
  if (paths.length === Object.keys(values).length && paths.every((path) => found[path] === values[path])) return;
  throw new Violation(`values ${JSON.stringify(found)} instead of ${JSON.stringify(values)}`);
}

/** Whether the frame stands in the stream as it came out, with a check sum that is right: damage that no check sum of 16 bits can tell. */
function isCollision({ encrypted }: P1Kind, { telegram }: P1Frame, stream: Uint8Array): boolean {
  const found = Buffer.from(telegram).toString('latin1');
  const texts = encrypted ? plaintextsIn(stream, KEYS.encryptionKey) : [Buffer.from(stream).toString('latin1')];
  return isRight(found) && texts.some((text) => text.includes(found));
}
