import { isLetter, isPrintable } from '../ascii.js';
import type { Decoder, FrameError } from '../decoder.js';
import {
  AUTHENTICATED_ENCRYPTION,
  Ciphering,
  parseApdu,
  TAG_BYTES,
  type CipheringKeys,
  type Deciphered,
} from '../dlms/ciphering.js';
import { checkTelegram, printTitle, telegramError, type Checksum, type P1Frame } from './frame.js';
import { P1Scanner, type Finding, type Judge } from './scanner.js';

/** How many frames in a row must accuse a key that was good before: the bytes of a single one may have been damaged. */
const FRAMES_AGAINST_A_KEY = 3;

/** Share of readable bytes above which a plain text is a damaged telegram: noise has 0.38 of them. */
const READABLE_SHARE = 0.8;

/**
 * Decodes encrypted P1 frames: a telegram within general-glo-ciphering, suite 0. With an authentication key the tag is verified; the CRC16 of
 * the telegram inside must be there and right in any case. Luxmetering "E-Meter P1 Specification" 1.1.3, section 3.2.5.
 */
export function encryptedDecoder(keys: CipheringKeys): Decoder<P1Frame> {
  return new P1Scanner(new EncryptedJudge(keys));
}

type KeyFault = 'wrong-encryption-key' | 'wrong-authentication-key';

class EncryptedJudge implements Judge<P1Frame> {
  uncheckedBytes = 0;
  readonly #ciphering: Ciphering;
  /** These keys have opened a frame. */
  #proven = false;
  #accused: KeyFault | undefined;
  #accusations = 0;
  /** The last system title, and how it is written. */
  #title: Uint8Array = new Uint8Array();
  #titleText = '';

  constructor(keys: CipheringKeys) {
    this.#ciphering = new Ciphering(keys);
  }

  apdu(bytes: Uint8Array): Finding<P1Frame> {
    const apdu = parseApdu(bytes);
    if (apdu.securityControl !== AUTHENTICATED_ENCRYPTION) return foreignControl(apdu.securityControl, bytes);
    const deciphered = this.#ciphering.decipher(apdu);
    const { telegram, checksum } = checkTelegram(deciphered.plaintext);
    if (checksum !== 'right' || deciphered.tag === 'wrong') return this.#diagnose(deciphered, checksum, bytes);
    this.#proven = true;
    this.#accused = undefined;
    // The CRC16 says nothing about the line end and the tag behind it.
    const checkedBytes = telegram.byteOffset + telegram.length - deciphered.plaintext.byteOffset;
    this.uncheckedBytes = deciphered.tag === 'genuine' ? 0 : deciphered.plaintext.length - checkedBytes + TAG_BYTES;
    const systemTitle = this.#print(apdu.systemTitle);
    return { kind: 'frame', frame: { telegram, ciphering: { systemTitle, frameCounter: apdu.frameCounter } } };
  }

  telegram(bytes: Uint8Array): Finding<P1Frame> {
    const { checksum } = checkTelegram(bytes);
    const detail = 'refused, since client.encryption_key is set; remove the key if this meter does not encrypt';
    return telegramError(checksum, bytes) ?? { kind: 'error', what: 'unencrypted', detail, bytes };
  }

  #diagnose({ plaintext, tag }: Deciphered, checksum: Checksum, bytes: Uint8Array): FrameError {
    if (checksum === 'right') return this.#accuse('wrong-authentication-key', bytes);
    if (!isReadable(plaintext)) return this.#accuse('wrong-encryption-key', bytes);
    this.#accused = undefined;
    const detail =
      tag === 'genuine' ? `its tag is right, the CRC16 of its telegram ${checksum}` : 'its telegram is readable but not intact';
    return { kind: 'error', what: 'checksum', detail, bytes };
  }

  #accuse(what: KeyFault, bytes: Uint8Array): FrameError {
    this.#accusations = this.#accused === what ? this.#accusations + 1 : 1;
    this.#accused = what;
    if (this.#proven && this.#accusations < FRAMES_AGAINST_A_KEY) {
      return { kind: 'error', what: 'checksum', detail: 'it does not decrypt with keys that were right before', bytes };
    }
    return { kind: 'error', what, detail: KEY_FAULTS[what](printTitle(parseApdu(bytes).systemTitle)), bytes };
  }

  #print(systemTitle: Uint8Array): string {
    if (Buffer.compare(this.#title, systemTitle) !== 0) {
      this.#title = systemTitle.slice();
      this.#titleText = printTitle(systemTitle);
    }
    return this.#titleText;
  }
}

const KEY_FAULTS = {
  'wrong-encryption-key': (meter) => `decrypting gives noise: client.encryption_key (GUEK) is not that of meter ${meter}`,
  'wrong-authentication-key': (meter) =>
    `the telegram decrypts and its CRC16 is right, but the tag does not match: client.authentication_key (GAK) is not that of meter ${meter}`,
} as const satisfies Record<KeyFault, (meter: string) => string>;

function foreignControl(securityControl: number, bytes: Uint8Array): FrameError {
  const control = securityControl.toString(16);
  const detail = `security control ${control}, where a P1 meter sends 30 (suite 0, authenticated and encrypted)`;
  return { kind: 'error', what: 'malformed', detail, bytes };
}

/** Whether a plain text is a telegram, if a damaged one: it begins like one, or most of it can be read. */
function isReadable(plaintext: Uint8Array): boolean {
  const [slash, first = 0, second = 0, third = 0] = plaintext;
  if (slash === 0x2f && isLetter(first) && isLetter(second) && isLetter(third)) return true;
  let readable = 0;
  for (const byte of plaintext) if (isPrintable(byte) || byte === 0x0d || byte === 0x0a) readable++;
  return readable >= plaintext.length * READABLE_SHARE;
}
