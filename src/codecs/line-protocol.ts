import { printNumber } from '../model/decimal.js';

/** A value of a field. Its type must never change within a measurement: a number is a float, whatever it is; a bigint is an integer. */
export type FieldValue = number | bigint | boolean | string;

/** One point in time of a series. */
export interface Point {
  readonly measurement: string;
  /** In the order in which they are written; stores like them sorted. None of them is empty. */
  readonly tags: Readonly<Record<string, string>>;
  /** One at least. */
  readonly fields: Readonly<Record<string, FieldValue>>;
  /** Milliseconds since 1970 UTC. */
  readonly at: number;
}

/** How exactly times are written; what is finer is cut off. */
export const PRECISIONS = ['s', 'ms', 'us', 'ns'] as const;

/** How exactly times are written. */
export type Precision = (typeof PRECISIONS)[number];

/**
 * A point as a line, without its line break. InfluxDB line protocol, as versions 1 to 3 read it.
 * @throws RangeError a number is not finite, or there are no fields: there is no line for that
 */
export function printLine({ measurement, tags, fields, at }: Point, precision: Precision): string {
  const fieldSet = Object.entries(fields).map(([key, value]) => `${printName(key)}=${printField(value)}`);
  if (fieldSet.length === 0) throw new RangeError(`a point of ${measurement} without fields`);
  const tagSet = Object.entries(tags).map(([key, value]) => `,${printName(key)}=${printName(value)}`);
  return `${printMeasurement(measurement)}${tagSet.join('')} ${fieldSet.join(',')} ${printTime(at, precision)}`;
}

const PRINT_TIME: Readonly<Record<Precision, (ms: bigint) => bigint>> = {
  // Rounded down, also before 1970.
  s: (ms) => (ms - (((ms % 1_000n) + 1_000n) % 1_000n)) / 1_000n,
  ms: (ms) => ms,
  us: (ms) => ms * 1_000n,
  ns: (ms) => ms * 1_000_000n,
};

function printTime(at: number, precision: Precision): string {
  return String(PRINT_TIME[precision](BigInt(Math.floor(at))));
}

function printField(value: FieldValue): string {
  if (typeof value === 'number') return printNumber(value);
  if (typeof value === 'bigint') return `${value}i`;
  if (typeof value === 'boolean') return String(value);
  return `"${oneLine(value).replaceAll(/["\\]/g, '\\$&')}"`;
}

function printMeasurement(name: string): string {
  return bare(name).replaceAll(/[, ]/g, '\\$&');
}

/** Keys of tags and fields, and values of tags. */
function printName(name: string): string {
  return bare(name).replaceAll(/[,= ]/g, '\\$&');
}

/** A backslash at the end would escape the separator that follows. */
function bare(name: string): string {
  return oneLine(name).replace(/\\+$/, '');
}

/** Only a line's end may look like one. */
function oneLine(text: string): string {
  return text.replaceAll(/[\r\n]+/g, ' ');
}
