import { createCipheriv } from 'node:crypto';
import { AUTHENTICATED_ENCRYPTION, GENERAL_GLO_CIPHERING, TAG_BYTES, type CipheringKeys } from './ciphering.js';

/** What a meter puts into a general-glo-ciphering APDU. */
export interface PlainApdu {
  /** 8 bytes, of which the first 3 are letters. */
  readonly systemTitle: Uint8Array;
  readonly frameCounter: number;
  readonly plaintext: Uint8Array;
  readonly keys: CipheringKeys;
  /** Bytes of the BER length field: the fewest that hold the length when absent. */
  readonly lengthBytes?: 1 | 2 | 3;
}

/**
 * Encrypts as a meter does: general-glo-ciphering, suite 0, security control 30. The counterpart of `Ciphering`.
 * Without an authentication key the tag covers the security control byte alone.
 */
export function encodeApdu({ systemTitle, frameCounter, plaintext, keys, lengthBytes }: PlainApdu): Uint8Array {
  const counter = Buffer.alloc(4);
  counter.writeUInt32BE(frameCounter);
  const cipher = createCipheriv('aes-128-gcm', keys.encryptionKey, Buffer.concat([systemTitle, counter]), {
    authTagLength: TAG_BYTES,
  });
  const control = Uint8Array.of(AUTHENTICATED_ENCRYPTION);
  cipher.setAAD(keys.authenticationKey ? Buffer.concat([control, keys.authenticationKey]) : control);
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  const body = Buffer.concat([control, counter, ciphertext, cipher.getAuthTag()]);
  const title = Uint8Array.of(GENERAL_GLO_CIPHERING, systemTitle.length, ...systemTitle);
  return Buffer.concat([title, encodeLength(body.length, lengthBytes ?? fewestLengthBytes(body.length)), body]);
}

function fewestLengthBytes(length: number): 1 | 2 | 3 {
  if (length < 0x80) return 1;
  return length < 0x100 ? 2 : 3;
}

function encodeLength(length: number, lengthBytes: 1 | 2 | 3): Uint8Array {
  if (lengthBytes === 1) return Uint8Array.of(length);
  if (lengthBytes === 2) return Uint8Array.of(0x81, length);
  return Uint8Array.of(0x82, length >> 8, length & 0xff);
}
