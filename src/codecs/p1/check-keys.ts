import { createCipheriv, createDecipheriv } from 'node:crypto';
import { isLetter, isPrintable } from '../ascii.js';
import { AUTHENTICATED_ENCRYPTION, Ciphering, parseApdu, TAG_BYTES, type CipheredApdu } from '../dlms/ciphering.js';
import {
  formMistake,
  guessKeys,
  guessTwoWrongDigits,
  KEY_DIGITS,
  keyAsWritten,
  twoWrong,
  withDigitChanged,
  type KeyGuess,
} from '../dlms/key-mistakes.js';
import { checkTelegram } from './frame.js';

/** Keys as somebody wrote them. */
export interface WrittenKeys {
  readonly encryption: string;
  /** Absent where it is not known. */
  readonly authentication?: string | undefined;
}

/** What frames say about one key. `mistaken`: the text is not right, and what is wrong with it is known. */
export interface KeyVerdict {
  readonly verdict: 'right' | 'mistaken' | 'wrong' | 'absent' | 'unknown';
  /** In words; never a digit of a key. */
  readonly detail: string;
}

/** What frames say about both. */
export interface KeyReport {
  readonly encryption: KeyVerdict;
  readonly authentication: KeyVerdict;
}

/** The authentication key that Luxmetering's "E-Meter P1 Specification" publishes, and that meters have whose operator chose none. */
const PUBLISHED_KEY = '00112233445566778899aabbccddeeff';

/** Frames that likely mistakes are tried on: a damaged one must not decide. */
const FRAMES_TO_TRY = 3;

/** What a key was found in, and what was wrong there. */
interface Found extends KeyGuess {
  readonly from: 'encryption' | 'authentication' | 'published';
}

/**
 * Says which of two keys is wrong, and how, by frames that they should open: the encryption key by the telegram that comes out, the authentication key by
 * the tag. Tries a bounded number of likely mistakes, with the keys swapped too.
 * @param frames general-glo-ciphering APDUs, whole
 */
export function checkKeys(frames: readonly Uint8Array[], keys: WrittenKeys): KeyReport {
  const apdus = frames.map(parseApdu).filter(({ securityControl }) => securityControl === AUTHENTICATED_ENCRYPTION);
  const encryption = findEncryptionKey(apdus, keys);
  if (!encryption) {
    const detail =
      apdus.length === 0
        ? 'no frame is encrypted and authenticated with suite 0'
        : describeWrong('it opens none of the frames', keys.encryption);
    const verdict = apdus.length === 0 ? 'unknown' : 'wrong';
    return { encryption: { verdict, detail }, authentication: unknownWithout(keys) };
  }
  return { encryption: describe('encryption', encryption), authentication: checkTag(apdus, keys, encryption) };
}

function findEncryptionKey(apdus: readonly CipheredApdu[], keys: WrittenKeys): Found | undefined {
  const opensAny = ({ key }: KeyGuess): boolean => apdus.some((apdu) => opens(apdu, key));
  const asWritten = firstOf(keys, keyAsWritten, opensAny);
  if (asWritten) return asWritten;
  for (const apdu of apdus.slice(0, FRAMES_TO_TRY)) {
    const found = firstOf(keys, guessKeys, ({ key }) => opens(apdu, key));
    if (found) return found;
  }
  const [first] = apdus;
  if (!first) return undefined;
  return firstOf({ encryption: keys.encryption }, guessTwoWrongDigits, ({ key }) => opens(first, key));
}

/** The first guess that is accepted, of those from the one text and then from the other. */
function firstOf(
  texts: WrittenKeys,
  guesses: (text: string) => Iterable<KeyGuess>,
  accepts: (guess: KeyGuess) => boolean,
  order: readonly ('encryption' | 'authentication')[] = ['encryption', 'authentication'],
): Found | undefined {
  for (const from of order) for (const guess of guesses(texts[from] ?? '')) if (accepts(guess)) return { ...guess, from };
  return undefined;
}

/** Whether an encryption key makes a telegram, if perhaps a damaged one, of a whole APDU. */
export function opensFrame(frame: Uint8Array, key: Uint8Array): boolean {
  return opens(parseApdu(frame), key);
}

/** Whether a key makes a telegram of a ciphertext: by its first block, and then by all of it. */
function opens({ systemTitle, frameCounter, ciphertext }: CipheredApdu, key: Uint8Array): boolean {
  const block = new DataView(new ArrayBuffer(16));
  systemTitle.forEach((byte, at) => {
    block.setUint8(at, byte);
  });
  block.setUint32(8, frameCounter);
  block.setUint32(12, 2);
  const decipher = createDecipheriv('aes-128-ctr', key, new Uint8Array(block.buffer));
  const head = decipher.update(ciphertext.subarray(0, 16));
  const [slash, ...others] = head;
  if (slash !== 0x2f || !others.slice(0, 3).every(isLetter) || !others.every(isText)) return false;
  const rest = decipher.update(ciphertext.subarray(16));
  return checkTelegram(Buffer.concat([head, rest])).checksum === 'right' || rest.filter(isText).length >= 0.8 * rest.length;
}

function isText(byte: number): boolean {
  return isPrintable(byte) || byte === 0x0d || byte === 0x0a;
}

function checkTag(apdus: readonly CipheredApdu[], keys: WrittenKeys, { key: encryptionKey, from }: Found): KeyVerdict {
  const intact = apdus.filter(
    (apdu) => checkTelegram(new Ciphering({ encryptionKey }).decipher(apdu).plaintext).checksum === 'right',
  );
  const [apdu] = intact;
  if (!apdu) return { verdict: 'unknown', detail: 'not checked: no frame is intact' };
  const tags = new Tags(apdu, encryptionKey);
  const accepts = ({ key }: KeyGuess): boolean => tags.fits(key);
  const order =
    from === 'authentication' ? (['encryption', 'authentication'] as const) : (['authentication', 'encryption'] as const);
  const found =
    firstOf(keys, keyAsWritten, accepts, order) ??
    firstOf(keys, guessKeys, accepts, order) ??
    tags.twoWrongDigits(keys.authentication ?? '') ??
    published(accepts);
  if (keys.authentication === undefined)
    return {
      verdict: 'absent',
      detail: found ? ABSENT[found.from] : "not set: frames are read, but whether they are the meter's own is not checked",
    };
  if (!found)
    return {
      verdict: 'wrong',
      detail: describeWrong('the telegram is right, the tag of the frame does not fit it', keys.authentication),
    };
  return describe('authentication', found);
}

function published(accepts: (guess: KeyGuess) => boolean): Found | undefined {
  const guess = { key: Uint8Array.from(Buffer.from(PUBLISHED_KEY, 'hex')), mistake: undefined };
  return accepts(guess) ? { ...guess, from: 'published' } : undefined;
}

/** The tags that an authentication key makes of one frame. */
class Tags {
  readonly #apdu: CipheredApdu;
  readonly #encryptionKey: Uint8Array;
  readonly #plaintext: Uint8Array;
  readonly #nonce: Uint8Array;

  constructor(apdu: CipheredApdu, encryptionKey: Uint8Array) {
    this.#apdu = apdu;
    this.#encryptionKey = encryptionKey;
    this.#plaintext = new Ciphering({ encryptionKey }).decipher(apdu).plaintext;
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(apdu.frameCounter);
    this.#nonce = Buffer.concat([apdu.systemTitle, counter]);
  }

  fits(key: Uint8Array): boolean {
    return Buffer.compare(this.#tagOf(key), this.#apdu.tag) === 0;
  }

  /**
   * The key with two wrong digits. GHASH is linear in the additional data: what a change of one digit does to the tag does not depend on the others, so that
   * one change is looked up for each of the other. NIST SP 800-38D, section 6.4.
   */
  twoWrongDigits(text: string): Found | undefined {
    const [first] = keyAsWritten(text);
    if (!first) return undefined;
    const base = this.#tagOf(first.key);
    const missing = xor(base, this.#apdu.tag);
    const changes = new Map<string, { readonly digit: number; readonly effect: Uint8Array }>();
    for (let digit = 0; digit < KEY_DIGITS; digit++)
      for (let change = 1; change < 16; change++) {
        const effect = xor(this.#tagOf(withDigitChanged(first.key, digit, change)), base);
        changes.set(Buffer.from(effect).toString('hex'), { digit, effect });
      }
    for (const { digit, effect } of changes.values()) {
      const other = changes.get(Buffer.from(xor(effect, missing)).toString('hex'));
      if (other)
        return {
          key: first.key,
          from: 'authentication',
          mistake: twoWrong(digit, other.digit),
        };
    }
    return undefined;
  }

  #tagOf(key: Uint8Array): Uint8Array {
    const cipher = createCipheriv('aes-128-gcm', this.#encryptionKey, this.#nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.concat([Uint8Array.of(AUTHENTICATED_ENCRYPTION), key]));
    cipher.update(this.#plaintext);
    cipher.final();
    return cipher.getAuthTag();
  }
}

function xor(one: Uint8Array, other: Uint8Array): Uint8Array {
  return one.map((byte, at) => byte ^ (other[at] ?? 0));
}

const ABSENT = {
  encryption: 'not set, and the same as the encryption key',
  authentication: 'not set',
  published: 'not set; the meter uses the published one of the P1 specification of Luxembourg (00112233…)',
} as const;

function describe(of: 'encryption' | 'authentication', { from, mistake }: Found): KeyVerdict {
  if (from === 'published')
    return {
      verdict: 'mistaken',
      detail: 'the meter uses the published one of the P1 specification of Luxembourg (00112233…) instead',
    };
  if (from === of)
    return mistake === undefined
      ? { verdict: 'right', detail: 'right' }
      : { verdict: 'mistaken', detail: `right but for this: ${mistake}` };
  const swapped = `it stands in the place of ${from === 'encryption' ? 'encryption_key' : 'authentication_key'}`;
  return { verdict: 'mistaken', detail: mistake === undefined ? swapped : `${swapped}, and there ${mistake}` };
}

function describeWrong(what: string, text: string): string {
  const form = formMistake(text);
  return `${what}${form === undefined ? ", and no likely slip makes it right: it is another meter's, or an old one" : `; ${form}`}`;
}

function unknownWithout({ authentication }: WrittenKeys): KeyVerdict {
  if (authentication === undefined) return { verdict: 'absent', detail: 'not set' };
  const form = formMistake(authentication);
  return {
    verdict: 'unknown',
    detail: `not checked, since that takes the right encryption key${form === undefined ? '' : `; ${form}`}`,
  };
}
