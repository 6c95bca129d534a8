import type { P1Settings } from '../../src/clients/p1/settings.js';
import type { CipheringKeys } from '../../src/codecs/dlms/ciphering.js';
import { encodeApdu } from '../../src/codecs/dlms/encode.js';
import type { Decoder } from '../../src/codecs/decoder.js';
import { closeTelegram } from '../../src/codecs/p1/encode.js';
import type { P1Frame } from '../../src/codecs/p1/frame.js';
import type { Finding } from '../../src/codecs/p1/scanner.js';

/** Made-up keys, and others. */
export const KEYS = {
  encryptionKey: Buffer.from('00112233445566778899aabbccddeeff', 'hex'),
  authenticationKey: Buffer.from('f0e0d0c0b0a090807060504030201000', 'hex'),
} as const satisfies CipheringKeys;

/** Keys of another meter. */
export const OTHER_KEYS = {
  encryptionKey: Buffer.from('ffffffffffffffffffffffffffffffff', 'hex'),
  authenticationKey: Buffer.from('eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee', 'hex'),
} as const satisfies CipheringKeys;

/** A made-up system title. */
export const TITLE = Buffer.from('SAG5\x00\x12\x34\x56', 'latin1');

/** The same, as it is written. */
export const TITLE_TEXT = '5341473500123456';

/** A telegram of a T210 that imports `watts`, with a right CRC16. */
export function telegramOf(watts: number, stamp = '260115120000W'): Uint8Array {
  const power = String(watts).padStart(9, '0');
  return closeTelegram(
    `/EST5\\253700000_A\r\n\r\n1-3:0.2.8(50)\r\n0-0:1.0.0(${stamp})\r\n1-0:1.8.0(000326641*Wh)\r\n1-0:1.7.0(${power}*W)\r\n1-0:2.7.0(000000000*W)\r\n!`,
  );
}

/** An encrypted frame, with a length field as a T210 writes it, that holds such a telegram or another text. */
export function frameOf(frameCounter: number, plaintext: number | Uint8Array = 621, keys: CipheringKeys = KEYS): Uint8Array {
  const text = typeof plaintext === 'number' ? telegramOf(plaintext) : plaintext;
  return encodeApdu({ systemTitle: TITLE, frameCounter, plaintext: text, keys, lengthBytes: 3 });
}

/** The same bytes with one of them changed. */
export function flip(bytes: Uint8Array, at: number, mask = 0x01): Uint8Array {
  return Uint8Array.from(bytes, (byte, index) => (index === at ? byte ^ mask : byte));
}

/** What a decoder finds in chunks that are followed by a quiet line. */
export function decode(decoder: Decoder<P1Frame>, ...chunks: Uint8Array[]): Finding<P1Frame>[] {
  return [...chunks.flatMap((chunk) => decoder.push(chunk)), ...decoder.idle()];
}

/** Findings in short: the frame counter or the text of a good frame, the kind of an error. */
export function briefly(findings: readonly Finding<P1Frame>[]): (number | string)[] {
  return findings.map((finding) => {
    if (finding.kind === 'error') return finding.what;
    const { telegram, ciphering } = finding.frame;
    return ciphering?.frameCounter ?? Buffer.from(telegram).toString('latin1');
  });
}

/** The settings of a client that has only its keys and its port set. */
export const P1_SETTINGS: P1Settings = {
  encryption_key: KEYS.encryptionKey,
  authentication_key: KEYS.authenticationKey,
  authentication: undefined,
  time_zone: 'Europe/Vienna',
  raw: false,
  demand_floor: 2_500,
  period: 10_000,
  share_port: undefined,
  share_address: '127.0.0.1',
  link: {
    type: 'serial',
    path: '/dev/p1',
    preset: undefined,
    baud_rate: undefined,
    data_bits: undefined,
    parity: undefined,
    stop_bits: undefined,
  },
};
