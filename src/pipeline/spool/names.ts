/** So many digits hold every sequence, so that names sort like sequences. */
const DIGITS = 16;

/** The name of a file that begins with a sequence. */
export function nameOf(first: number, suffix: string): string {
  return `${String(first).padStart(DIGITS, '0')}${suffix}`;
}

/** The sequence that a file begins with; undefined when its name is none of ours. */
export function sequenceOf(name: string, suffix: string): number | undefined {
  if (!name.endsWith(suffix) || name.length !== DIGITS + suffix.length) return undefined;
  const digits = name.slice(0, DIGITS);
  return /^\d+$/.test(digits) ? Number(digits) : undefined;
}
