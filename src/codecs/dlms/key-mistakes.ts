/** Bytes that a written text may stand for, and what would have to be wrong with the text. */
export interface KeyGuess {
  readonly key: Uint8Array;
  /** In words that finish "the key is right, but …"; undefined when the text is as it should be. Tells no digit. */
  readonly mistake: string | undefined;
}

/** Hexadecimal digits of an AES-128 key. */
export const KEY_DIGITS = 32;

const HEX = '0123456789abcdef';

/** Characters that are taken for a digit on paper or screen, and digits that they are taken for. */
const LOOK_ALIKES: Readonly<Record<string, string>> = {
  o: '0', q: '9', l: '1', i: '1', '|': '1', '!': '1', s: '5', z: '2', g: '9', t: '7', h: 'b', y: '4',
}; // prettier-ignore

/** What may be written among the digits and is none: blanks, separators, quotation marks, `0x`. */
const ORNAMENTS = /0x|[\s:;,._'"`-]/gi;

/** More digits than of two keys are not searched. */
const MOST_DIGITS = 128;

/** How many characters that are no digits are tried as any digit. */
const MOST_UNREADABLE = 2;

/** What is wrong with the form of a written key, whatever the meter says; undefined when it is 32 hexadecimal digits. */
export function formMistake(text: string): string | undefined {
  if (/^[0-9a-f]{32}$/i.test(text)) return undefined;
  const digits = bareOf(text);
  const others = digits.replaceAll(/[0-9a-f]/gi, '').length;
  if (others > 0) return `it has ${others} ${others === 1 ? 'character' : 'characters'} that are no hexadecimal digits`;
  if (digits.length !== KEY_DIGITS) return `it has ${digits.length} hexadecimal digits where ${KEY_DIGITS} are needed`;
  return 'it has characters beside its 32 hexadecimal digits, such as blanks, colons or 0x';
}

/** The key that a text is, perhaps with blanks or the like among its digits. */
export function keyAsWritten(text: string): readonly KeyGuess[] {
  const bare = bareOf(text);
  return isKey(bare) ? [guess(bare, formMistake(text))] : [];
}

/** The keys that a text may stand for, as it is written first, then with one likely mistake each: at most some ten thousand. */
export function* guessKeys(text: string): Generator<KeyGuess> {
  const bare = bareOf(text);
  yield* keyAsWritten(text);
  yield* otherNotations(text.trim());
  const readable = Array.from(bare, (character) =>
    HEX.includes(character) ? character : (LOOK_ALIKES[character] ?? character),
  ).join('');
  if (readable !== bare && isKey(readable))
    yield guess(readable, `letters stand in the place of digits: the ${places(bare, isNoDigit)}`);
  yield* unreadableDigits(readable);
  if (!/^[0-9a-f]*$/.test(readable)) return;
  yield* ofLength(readable);
}

/** Two digits of a text of 32 wrong: the last thing to try, with 111 600 keys. */
export function* guessTwoWrongDigits(text: string): Generator<KeyGuess> {
  const digits = bareOf(text);
  if (!isKey(digits)) return;
  const key = Uint8Array.from(Buffer.from(digits, 'hex'));
  for (let one = 0; one < KEY_DIGITS; one++)
    for (let other = one + 1; other < KEY_DIGITS; other++)
      for (let change = 0x11; change < 0x100; change++) {
        if ((change & 0x0f) === 0 || (change & 0xf0) === 0) continue;
        const tried = withDigitChanged(withDigitChanged(key, one, change >> 4), other, change & 0x0f);
        yield { key: tried, mistake: twoWrong(one, other) };
      }
}

/** What is said of a key with two wrong digits, whose places are counted from 0. */
export function twoWrong(one: number, other: number): string {
  return `two digits are wrong: the ${ordinal(one)} and the ${ordinal(other)}`;
}

/** A key with one of its hexadecimal digits, counted from 0, changed by XOR. */
export function withDigitChanged(key: Uint8Array, digit: number, change: number): Uint8Array {
  const changed = key.slice();
  const byte = digit >> 1;
  changed[byte] = (changed[byte] ?? 0) ^ (digit % 2 === 0 ? change << 4 : change);
  return changed;
}

function* ofLength(digits: string): Generator<KeyGuess> {
  switch (digits.length - KEY_DIGITS) {
    case 0:
      yield* otherOrders(digits);
      yield* swappedDigits(digits);
      for (let at = 0; at < KEY_DIGITS; at++)
        for (const digit of HEX) yield guess(put(digits, at, 1, digit), `a digit is wrong: the ${ordinal(at)}`);
      return;
    case -1:
      for (let at = 0; at <= digits.length; at++)
        for (const digit of HEX) yield guess(put(digits, at, 0, digit), `a digit is missing: the ${ordinal(at)}`);
      return;
    case -2:
      for (let at = 0; at <= digits.length; at++)
        for (let byte = 0; byte < 256; byte++) {
          const pair = byte.toString(16).padStart(2, '0');
          yield guess(put(digits, at, 0, pair), `two digits are missing: the ${ordinal(at)} and the ${ordinal(at + 1)}`);
        }
      return;
    case 1:
      for (let at = 0; at < digits.length; at++)
        yield guess(put(digits, at, 1, ''), `there is a digit too many: the ${ordinal(at)}`);
      return;
    case 2:
      for (let at = 0; at < digits.length; at++)
        yield guess(put(digits, at, 2, ''), `there are two digits too many: the ${ordinal(at)} and the ${ordinal(at + 1)}`);
      return;
    default:
      if (digits.length > MOST_DIGITS) return;
      for (let at = 0; at + KEY_DIGITS <= digits.length; at++)
        yield guess(
          digits.slice(at, at + KEY_DIGITS),
          `there is more than the key: it is the ${ordinal(at)} to the ${ordinal(at + KEY_DIGITS - 1)} digit`,
        );
  }
}

function* swappedDigits(digits: string): Generator<KeyGuess> {
  for (let distance = 1; distance < KEY_DIGITS; distance++)
    for (let at = 0; at + distance < KEY_DIGITS; at++) {
      const [one = '', other = ''] = [digits[at], digits[at + distance]];
      const swapped = put(put(digits, at, 1, other), at + distance, 1, one);
      const which = `${distance === 1 ? 'two neighbouring' : 'two'} digits are swapped`;
      yield guess(swapped, `${which}: the ${ordinal(at)} and the ${ordinal(at + distance)}`);
    }
}

function* otherOrders(digits: string): Generator<KeyGuess> {
  const bytes = digits.match(/../g) ?? [];
  const words = digits.match(/.{8}/g) ?? [];
  yield guess(bytes.toReversed().join(''), 'its bytes stand in reversed order');
  yield guess(Array.from(digits).toReversed().join(''), 'its digits stand in reversed order');
  yield guess(bytes.map((byte) => Array.from(byte).toReversed().join('')).join(''), 'the two digits of each byte are swapped');
  yield guess(
    words.map((word) => (word.match(/../g) ?? []).toReversed().join('')).join(''),
    'the bytes of each group of four stand in reversed order',
  );
}

function* otherNotations(text: string): Generator<KeyGuess> {
  const latin1 = Buffer.from(text, 'latin1');
  if (latin1.length === KEY_DIGITS / 2)
    yield { key: latin1, mistake: 'it is written as characters: write them as hexadecimal digits' };
  if (/^[A-Za-z0-9+/]{22}==$/.test(text))
    yield { key: Buffer.from(text, 'base64'), mistake: 'it is written in Base64: write it in hexadecimal digits' };
  const inner = Buffer.from(text, 'hex').toString('latin1').toLowerCase();
  if (text.length === 2 * KEY_DIGITS && isKey(inner))
    yield guess(inner, 'it is the hexadecimal form of a text that is the hexadecimal form of the key: undo one of them');
}

/** Every digit in the place of each of a few characters that are none. */
function* unreadableDigits(text: string): Generator<KeyGuess> {
  const at = Array.from(text).findIndex(isNoDigit);
  const unreadable = Array.from(text).filter(isNoDigit).length;
  if (text.length !== KEY_DIGITS || unreadable === 0 || unreadable > MOST_UNREADABLE) return;
  for (const digit of HEX) {
    const filled = put(text, at, 1, digit);
    if (isKey(filled)) yield guess(filled, `a character is no hexadecimal digit: the ${places(text, isNoDigit)}`);
    else
      for (const { key } of unreadableDigits(filled))
        yield { key, mistake: `characters are no hexadecimal digits: the ${places(text, isNoDigit)}` };
  }
}

function guess(digits: string, mistake: string | undefined): KeyGuess {
  return { key: Uint8Array.from(Buffer.from(digits, 'hex')), mistake };
}

function bareOf(text: string): string {
  return text.replaceAll(ORNAMENTS, '').toLowerCase();
}

function isKey(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text);
}

function isNoDigit(character: string): boolean {
  return !HEX.includes(character);
}

function put(text: string, at: number, removed: number, inserted: string): string {
  return text.slice(0, at) + inserted + text.slice(at + removed);
}

function places(text: string, wanted: (character: string) => boolean): string {
  return Array.from(text)
    .flatMap((character, at) => (wanted(character) ? [ordinal(at)] : []))
    .join(', ');
}

/** A place, counted from 0, as it is spoken of. */
function ordinal(at: number): string {
  const place = at + 1;
  const ending = { 1: 'st', 2: 'nd', 3: 'rd' }[place % 10] ?? 'th';
  return `${place}${Math.floor(place / 10) === 1 ? 'th' : ending}`;
}
