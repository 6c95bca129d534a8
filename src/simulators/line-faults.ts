/** What can happen to a telegram on the line: bytes changed, bytes lost at its end, or noise before it, which harms nothing. */
export type LineFault = 'corrupt' | 'truncate' | 'noise';

/** Bytes at the end that are spared: a tag that nobody checks or a lost line end would harm nothing. */
const SPARED_BYTES = 16;

/** Noise that is put before a telegram. */
const MAX_NOISE_BYTES = 31;

/** Does to a telegram what a bad line does; without a fault it stays as it is. */
export function damage(bytes: Uint8Array, fault: LineFault | undefined, random: () => number): Uint8Array {
  switch (fault) {
    case undefined:
      return bytes;
    case 'corrupt':
      return flipBytes(bytes, random);
    case 'truncate':
      return bytes.subarray(0, 1 + Math.floor(random() * (bytes.length - SPARED_BYTES)));
    case 'noise':
      return Buffer.concat([noise(random), bytes]);
  }
}

/** Changes one to three bytes. */
function flipBytes(bytes: Uint8Array, random: () => number): Uint8Array {
  const damaged = Uint8Array.from(bytes);
  const pick = (): number => Math.floor(random() * (bytes.length - SPARED_BYTES));
  const positions = new Set(Array.from({ length: 1 + Math.floor(random() * 3) }, pick));
  for (const at of positions) damaged[at] = (damaged[at] ?? 0) ^ (1 + Math.floor(random() * 255));
  return damaged;
}

function noise(random: () => number): Uint8Array {
  return Uint8Array.from({ length: 1 + Math.floor(random() * MAX_NOISE_BYTES) }, () => Math.floor(random() * 256));
}
