/** How characters are made, and how fast, in samples of the line. */
export interface Signal {
  readonly samplesPerBit: number;
  /** Even parity in place of the highest bit (7E1); else 8N1. */
  readonly evenParity?: boolean;
  /** Every level is the opposite: the line of a P1 port without an inverter. */
  readonly inverted?: boolean;
  /** How long the line idles between two characters. */
  readonly idleBits?: number;
}

/** What a serial input of 8N1 does, in samples of the line. */
export interface Receiver {
  readonly samplesPerBit: number;
  /** Characters without a stop bit are passed on rather than dropped. */
  readonly keepsBroken?: boolean;
  /** After a missing stop bit, takes that for the next start bit, as a 16550 does; others wait until the line is idle. */
  readonly resyncs?: boolean;
}

/** The levels of a line on which some bytes are sent, with silence before and after: least significant bit first, start bit 0, stop bit 1. */
export function sendOn(bytes: Uint8Array, { samplesPerBit, evenParity, inverted, idleBits = 0 }: Signal): Uint8Array {
  const bits: number[] = Array<number>(20).fill(1);
  for (const byte of bytes) {
    const data = Array.from({ length: 8 }, (_, bit) => (byte >> bit) & 1);
    if (evenParity) data[7] = data.slice(0, 7).reduce((parity, bit) => parity ^ bit, 0);
    bits.push(0, ...data, 1, ...Array<number>(idleBits).fill(1));
  }
  bits.push(...Array<number>(40).fill(1));
  return Uint8Array.from(bits.flatMap((bit) => Array<number>(samplesPerBit).fill(inverted ? 1 - bit : bit)));
}

/** What a serial input makes of a line. A break, a start bit that does not end, is one NUL. */
export function receive(line: Uint8Array, { samplesPerBit, keepsBroken, resyncs }: Receiver): Uint8Array {
  const received: number[] = [];
  const level = (at: number): number => line[Math.floor(at)] ?? line.at(-1) ?? 1;
  let at = 0;
  let before = level(0);
  while (at < line.length) {
    const isStart = before === 1 && level(at) === 0;
    before = level(at);
    if (!isStart) {
      at++;
      continue;
    }
    let byte = 0;
    for (let bit = 0; bit < 8; bit++) byte |= level(at + (bit + 1.5) * samplesPerBit) << bit;
    const isWhole = level(at + 9.5 * samplesPerBit) === 1;
    if (isWhole || byte === 0 || keepsBroken) received.push(byte);
    at += Math.floor((isWhole ? 9.5 : 9) * samplesPerBit);
    before = isWhole || (resyncs && byte !== 0) ? 1 : 0;
  }
  return Uint8Array.from(received);
}
