/** Whether a byte is an ASCII letter. */
export function isLetter(byte: number): boolean {
  const upper = byte & ~0x20;
  return upper >= 0x41 && upper <= 0x5a;
}

/** The value of an ASCII hexadecimal digit of either case; undefined for any other byte. */
export function hexDigit(byte: number): number | undefined {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const upper = byte & ~0x20;
  if (upper >= 0x41 && upper <= 0x46) return upper - 0x37;
  return undefined;
}

/** Whether a byte is a printable ASCII character or a blank. */
export function isPrintable(byte: number): boolean {
  return byte >= 0x20 && byte < 0x7f;
}
