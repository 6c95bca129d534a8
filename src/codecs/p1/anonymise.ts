import { Ciphering, parseApdu, type CipheringKeys } from '../dlms/ciphering.js';
import { encodeApdu } from '../dlms/encode.js';
import { blankBetween, type Edit, type Pseudonyms } from '../pseudonyms.js';
import { opensFrame } from './check-keys.js';
import { findFrames } from './find.js';
import { maskTelegram } from './mask.js';

/** Made-up keys that everybody may know: what was anonymised is encrypted with these. */
export const DEMO_KEYS = {
  encryptionKey: Uint8Array.from({ length: 16 }, (_, at) => at),
  authenticationKey: Uint8Array.from({ length: 16 }, (_, at) => 0xa0 + at),
} as const satisfies CipheringKeys;

/** What becomes of a recording. */
export interface AnonymisedBytes {
  /** For every byte of it, in order. */
  readonly edits: readonly Edit[];
  readonly frames: number;
}

/**
 * Replaces what tells whose meter a recording of a P1 port is of. Frames are decrypted and encrypted again with `DEMO_KEYS`; a tag that was wrong is wrong again.
 * What belongs to no frame that can be read is blanked but for line ends and zeros.
 * @param keys of the meter; without them encrypted frames are blanked
 */
export function anonymiseP1(bytes: Uint8Array, keys: CipheringKeys | undefined, pseudonyms: Pseudonyms): AnonymisedBytes {
  const ciphering = keys && new Ciphering(keys);
  const isApdu = (apdu: Uint8Array): boolean => keys !== undefined && opensFrame(apdu, keys.encryptionKey);
  const frames = findFrames(bytes, isApdu).map(({ kind, start, end }): Edit => {
    const frame = bytes.subarray(start, end);
    const made = kind === 'apdu' && ciphering ? remakeApdu(frame, ciphering, pseudonyms) : maskTelegram(frame, pseudonyms);
    return { start, end, bytes: made };
  });
  const saysNothing = (byte: number): boolean => byte === 0 || byte === 0x0a || byte === 0x0d;
  return { edits: blankBetween(bytes, frames, saysNothing), frames: frames.length };
}

function remakeApdu(frame: Uint8Array, ciphering: Ciphering, pseudonyms: Pseudonyms): Uint8Array {
  const apdu = parseApdu(frame);
  const { plaintext, tag } = ciphering.decipher(apdu);
  const made = encodeApdu({
    systemTitle: pseudonyms.ofTitle(apdu.systemTitle),
    frameCounter: apdu.frameCounter,
    plaintext: maskTelegram(plaintext, pseudonyms),
    keys: DEMO_KEYS,
    lengthBytes: lengthBytesOf(frame[10] ?? 0),
  });
  return tag === 'wrong' ? made.map((byte, at) => (at === made.length - 1 ? byte ^ 0xff : byte)) : made;
}

/** As the meter writes its length field, which may be longer than it need be. */
function lengthBytesOf(first: number): 1 | 2 | 3 {
  if (first < 0x80) return 1;
  return first === 0x81 ? 2 : 3;
}
