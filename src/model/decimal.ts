/** A number as a meter sent it: `integer` × 10^`exponent`. A bigint where the integer may exceed 2^53. */
export interface Decimal {
  readonly integer: number | bigint;
  readonly exponent: number;
}

/** Powers of ten that a double holds exactly (10^0 … 10^22), so that one multiplication or division rounds correctly. */
const EXACT_POWERS = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/**
 * Shifts an integer by powers of ten without the noise of repeated binary arithmetic (`4.35 * 100` is `434.99999999999994`).
 * @param integer exact: a bigint, or a number within ±2^53
 * @returns the double nearest to `integer` × 10^`exponent`
 */
export function scale(integer: number | bigint, exponent: number): number {
  const power = EXACT_POWERS[Math.abs(exponent)];
  if (typeof integer === 'number' && power !== undefined) {
    if (exponent <= 0) return integer / power;
    const product = integer * power;
    if (Number.isSafeInteger(product)) return product;
  }
  return Number(`${integer}e${exponent}`);
}

/**
 * The decimal that a finite number is printed as.
 * @throws RangeError when the value is not finite
 */
export function decimalOf(value: number): Decimal {
  const [whole = '', fraction = ''] = printNumber(value).split('.');
  const digits = whole + fraction;
  const integer = Number(digits);
  return { integer: Number.isSafeInteger(integer) ? integer : BigInt(digits), exponent: 0 - fraction.length };
}

/**
 * Prints a finite number in plain decimal digits, never with an exponent: Homie floats and CSV readers choke on `1e+21`.
 * @throws RangeError when the value is not finite, which no reading may hold
 */
export function printNumber(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`not a finite number: ${value}`);
  const text = Object.is(value, -0) ? '0' : String(value);
  const [mantissa = '', exponentText] = text.split('e');
  if (exponentText === undefined) return text;
  const sign = mantissa.startsWith('-') ? '-' : '';
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const point = whole.length + Number(exponentText);
  const digits = whole + fraction;
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return sign + digits.padEnd(point, '0');
}
