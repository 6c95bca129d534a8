import { UsageError } from './command.js';

/** Two weeks: what timers can wait. */
const MAX_SECONDS = 14 * 86_400;

/** The text of an option that takes one. */
export function text(option: string | boolean | undefined): string | undefined {
  return typeof option === 'string' ? option : undefined;
}

/** The seconds of an option that takes them. @throws UsageError they are none */
export function secondsOf(option: string | boolean | undefined): number | undefined {
  if (option === undefined) return undefined;
  const seconds = Number(option);
  if (seconds > 0 && seconds <= MAX_SECONDS) return seconds;
  throw new UsageError(`--seconds takes a number of seconds, at most ${MAX_SECONDS}`);
}

/** The number of an option that takes one within bounds, both inclusive. @throws UsageError it is none */
export function numberOf(
  name: string,
  option: string | boolean | undefined,
  { min, max, whole = false }: { readonly min: number; readonly max: number; readonly whole?: boolean },
): number | undefined {
  if (option === undefined) return undefined;
  const number = typeof option === 'string' && option.trim() !== '' ? Number(option) : NaN;
  if (number >= min && number <= max && (!whole || Number.isInteger(number))) return number;
  throw new UsageError(`${name} takes a ${whole ? 'whole ' : ''}number from ${min} to ${max}`);
}

/** A number of things, in words. */
export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
