import { createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { isLetter } from '../ascii.js';

/** First byte of a general-glo-ciphering APDU. DLMS UA 1000-2 (Green Book), "Ciphered xDLMS APDUs". */
export const GENERAL_GLO_CIPHERING = 0xdb;

/** Length of a system title: 3 letters of the manufacturer, 5 bytes of its choice. Green Book, "System title". */
export const SYSTEM_TITLE_BYTES = 8;

/** Length of the tag that suites 0, 1 and 2 cut GCM's to. Green Book, "Security suite". */
export const TAG_BYTES = 12;

/** Suite 0 (AES-128-GCM), authenticated and encrypted with the global unicast key. Green Book, "Security control byte". */
export const AUTHENTICATED_ENCRYPTION = 0x30;

/** Security control bytes that begin an APDU: suite 0 and 1, encrypted only or authenticated too. Anything else is no start. */
const SECURITY_CONTROLS: readonly (number | undefined)[] = [AUTHENTICATED_ENCRYPTION, 0x20, 0x21, 0x31];

/** Security control byte and frame counter, which stand before the ciphertext. */
const SECURITY_HEADER_BYTES = 5;

/** A general-glo-ciphering APDU, taken apart. The byte arrays are views of its bytes. */
export interface CipheredApdu {
  readonly systemTitle: Uint8Array;
  readonly securityControl: number;
  readonly frameCounter: number;
  readonly ciphertext: Uint8Array;
  readonly tag: Uint8Array;
}

/** The global keys of one meter, 16 bytes each. Without an authentication key the tag cannot be checked. */
export interface CipheringKeys {
  readonly encryptionKey: Uint8Array;
  readonly authenticationKey?: Uint8Array | undefined;
}

/** What decrypting gave. The plain text of an APDU that is not `genuine` is good for a diagnosis only. */
export interface Deciphered {
  readonly plaintext: Uint8Array;
  /** `unchecked` without an authentication key. */
  readonly tag: 'genuine' | 'wrong' | 'unchecked';
}

/**
 * The length of the general-glo-ciphering APDU that starts at `at`, told by its length field alone.
 * @param end where the bytes that have arrived end; the APDU itself may end later
 * @returns bytes from `at` to the end of the tag; `more` when the header has not arrived yet; `none` when no APDU starts there
 */
export function measureApdu(bytes: Uint8Array, at: number, end: number): number | 'more' | 'none' {
  if (bytes[at] !== GENERAL_GLO_CIPHERING) return 'none';
  if (at + 1 >= end) return 'more';
  if (bytes[at + 1] !== SYSTEM_TITLE_BYTES) return 'none';
  for (let letter = at + 2; letter < at + 5; letter++) {
    if (letter >= end) return 'more';
    if (!isLetter(bytes[letter] ?? 0)) return 'none';
  }
  const lengthAt = at + 2 + SYSTEM_TITLE_BYTES;
  if (lengthAt >= end) return 'more';
  const lengthBytes = lengthBytesOf(bytes[lengthAt] ?? 0);
  if (lengthBytes === undefined) return 'none';
  const bodyAt = lengthAt + lengthBytes;
  if (bodyAt >= end) return 'more';
  const length = readLength(bytes, lengthAt, lengthBytes);
  if (length <= SECURITY_HEADER_BYTES + TAG_BYTES || !SECURITY_CONTROLS.includes(bytes[bodyAt])) return 'none';
  return bodyAt + length - at;
}

/** Takes apart the bytes of one whole APDU that `measureApdu` found. */
export function parseApdu(apdu: Uint8Array): CipheredApdu {
  const lengthAt = 2 + SYSTEM_TITLE_BYTES;
  const bodyAt = lengthAt + (lengthBytesOf(apdu[lengthAt] ?? 0) ?? 1);
  const counterAt = bodyAt + 1;
  return {
    systemTitle: apdu.subarray(2, lengthAt),
    securityControl: apdu[bodyAt] ?? 0,
    frameCounter: new DataView(apdu.buffer, apdu.byteOffset + counterAt, 4).getUint32(0),
    ciphertext: apdu.subarray(bodyAt + SECURITY_HEADER_BYTES, -TAG_BYTES),
    tag: apdu.subarray(-TAG_BYTES),
  };
}

/** General-glo-ciphering with security suite 0 and the keys of one meter. Green Book, "The AES-GCM algorithm". */
export class Ciphering {
  readonly #encryptionKey: KeyObject;
  /** Additional authenticated data: security control byte and authentication key. */
  readonly #aad: Uint8Array | undefined;
  /** Initial counter block of GCM: system title, frame counter, then 2, the number of the first block of text. NIST SP 800-38D. */
  readonly #counterBlock = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2);
  readonly #nonce = this.#counterBlock.subarray(0, 12);
  readonly #counter = new DataView(this.#counterBlock.buffer, SYSTEM_TITLE_BYTES, 4);

  constructor({ encryptionKey, authenticationKey }: CipheringKeys) {
    this.#encryptionKey = createSecretKey(encryptionKey);
    if (authenticationKey) this.#aad = Uint8Array.of(AUTHENTICATED_ENCRYPTION, ...authenticationKey);
  }

  /** Decrypts an APDU of security control `AUTHENTICATED_ENCRYPTION` and checks its tag when the authentication key is known. */
  decipher({ systemTitle, frameCounter, ciphertext, tag }: CipheredApdu): Deciphered {
    this.#nonce.set(systemTitle);
    this.#counter.setUint32(0, frameCounter);
    if (!this.#aad) {
      const decipher = createDecipheriv('aes-128-ctr', this.#encryptionKey, this.#counterBlock);
      return { plaintext: decipher.update(ciphertext), tag: 'unchecked' };
    }
    const decipher = createDecipheriv('aes-128-gcm', this.#encryptionKey, this.#nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(this.#aad).setAuthTag(tag);
    const plaintext = decipher.update(ciphertext);
    try {
      decipher.final();
    } catch {
      // A bare Error, thrown for nothing but a tag that does not match.
      return { plaintext, tag: 'wrong' };
    }
    return { plaintext, tag: 'genuine' };
  }
}

/** Bytes of a BER length field, told by its first; undefined for a form that no frame of ours needs. ITU-T X.690, section 8.1.3. */
function lengthBytesOf(first: number): number | undefined {
  if (first < 0x80) return 1;
  if (first === 0x81) return 2;
  if (first === 0x82) return 3;
  return undefined;
}

function readLength(bytes: Uint8Array, at: number, lengthBytes: number): number {
  if (lengthBytes === 1) return bytes[at] ?? 0;
  let length = 0;
  for (let digit = at + 1; digit < at + lengthBytes; digit++) length = length * 256 + (bytes[digit] ?? 0);
  return length;
}
