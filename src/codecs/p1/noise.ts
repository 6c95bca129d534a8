/** Bytes from which something can be told of the line, at the least. */
const MIN_BYTES = 64;

/** Share of the bytes of an inverted telegram that can be windows on it, at the least: 0.88 were seen, and 0.77 at most of anything else. */
const INVERTED_SHARE = 0.82;

/** Share of the characters of a telegram that are digits, brackets or separators, at the least. */
const FREQUENT_SHARE = 0.7;

/** The most frequent characters of a telegram, 0 to 9 and ( ) * + , - . as ten inverted bits in the order sent: start, bits 0 to 6, highest or parity bit, stop. */
const INVERTED_CHARACTERS = ['1....001.0', '1...0101.0'];

const FREQUENT = Buffer.from('0123456789.-:*()\r\n', 'latin1');

/**
 * Whether a byte can be a window on inverted characters. A serial input that hears every bit as its opposite takes a wrong 0 for a start bit, and where it locks on
 * depends on the character, on the pause after it, and on the input. But it always hands on eight bits between a 0 and a 1, ten bits apart, as far as the
 * next character begins: with neighbours that are alike those ten bits are the character's own, rotated.
 */
const IS_INVERTED: readonly boolean[] = Array.from({ length: 256 }, (_, byte) => {
  const heard = `0${byte.toString(2).padStart(8, '0').split('').reverse().join('')}1`;
  return INVERTED_CHARACTERS.some((bits) =>
    Array.from(bits, (_bit, at) => new RegExp(`^${bits.slice(at)}${bits.slice(0, at)}$`)).some((rotated) => rotated.test(heard)),
  );
});

/** A digit, a bracket or a separator, with an even number of ones in its eight bits. */
const HAS_PARITY: readonly boolean[] = Array.from(
  { length: 256 },
  (_, byte) => FREQUENT.includes(byte & 0x7f) && byte.toString(2).replaceAll('0', '').length % 2 === 0,
);

/** Whether bytes only fill up the line between two frames: NUL, 0xFF and line ends. */
export function isPadding(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x00 || byte === 0xff || byte === 0x0d || byte === 0x0a);
}

/** The likely cause of bytes in which no frame starts, with what to do about it. */
export function explainNoise(bytes: Uint8Array): string {
  if (isInverted(bytes)) {
    return 'the signal is inverted. The data line of a P1 port needs an inverter, which P1 cables have, or a USB chip that is set to "invert RXD"';
  }
  if (share(bytes, HAS_PARITY) >= FREQUENT_SHARE)
    return 'they are characters with a parity bit, as DSMR 2 and 3 send them: set preset = "dsmr2" in [client.link]';
  return 'once is harmless; if it repeats, check the speed of the line and that its signal is inverted';
}

/** Whether bytes are what a serial input makes of a P1 signal that is not inverted on its way from the meter. Read at half its speed, which no P1 port has, any signal may look alike. */
export function isInverted(bytes: Uint8Array): boolean {
  return share(bytes, IS_INVERTED) >= INVERTED_SHARE;
}

/** How many of the bytes fit; none when they are too few. Breaks, which arrive as NUL, tell nothing. */
function share(bytes: Uint8Array, fits: readonly boolean[]): number {
  let count = 0;
  let fitting = 0;
  for (const byte of bytes) {
    if (byte === 0x00) continue;
    count++;
    if (fits[byte]) fitting++;
  }
  return count >= MIN_BYTES ? fitting / count : 0;
}
