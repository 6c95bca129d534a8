import { MAX_INTEGER, unzigzag, zigzag, type ByteReader, type ByteWriter } from './bytes.js';

/** What a property can be. */
export type Value = number | boolean | string;

/** A property of the stream: what it was last, on both sides. */
export interface Column {
  value: Value | undefined;
  mantissa: number;
  exponent: number;
}

/** The times of the record that a value belongs to, as texts: values that repeat them take a byte. */
export interface Times {
  readonly received: string;
  readonly measured: string | undefined;
}

/** How a value is told, in the three lowest bits of its code; what the others say depends on it. */
const CODE = { delta: 0, decimal: 1, double: 2, text: 3, true: 4, false: 5, received: 6, measured: 7 } as const;
const CODES = 8;

/** The most digits after the point that a number is told in decimally; it is told as a double beyond. */
const MAX_EXPONENT = 9;
const POWERS = Array.from({ length: MAX_EXPONENT + 1 }, (_, exponent) => 10 ** exponent);

/** A property before its first value. */
export function newColumn(): Column {
  return { value: undefined, mantissa: 0, exponent: 0 };
}

/** Writes a value as what changed since the column's last. */
export function writeValue(writer: ByteWriter, column: Column, value: Value, times?: Times): void {
  column.value = value;
  if (typeof value === 'number') writeNumber(writer, column, value);
  else if (typeof value === 'boolean') writer.varint(value ? CODE.true : CODE.false);
  else if (value === times?.received) writer.varint(CODE.received);
  else if (value === times?.measured) writer.varint(CODE.measured);
  else {
    const bytes = Buffer.from(value, 'utf8');
    writer.varint(bytes.length * CODES + CODE.text);
    writer.raw(bytes);
  }
}

/** Reads the value that `writeValue` wrote. @throws RangeError when the bytes hold none */
export function readValue(reader: ByteReader, column: Column, times?: Times): Value {
  const said = reader.varint();
  const code = said % CODES;
  const rest = Math.floor(said / CODES);
  const value = readCoded(code, rest);
  column.value = value;
  return value;

  function readCoded(code: number, rest: number): Value {
    switch (code) {
      case CODE.delta:
        column.mantissa += unzigzag(rest);
        return decimal(column);
      case CODE.decimal:
        column.exponent = rest;
        column.mantissa = unzigzag(reader.varint());
        return decimal(column);
      case CODE.double:
        return reader.double();
      case CODE.text:
        return reader.raw(rest).toString('utf8');
      case CODE.received:
        return times?.received ?? '';
      case CODE.measured:
        return times?.measured ?? '';
      default:
        return code === CODE.true;
    }
  }
}

/** Like `writeValue`, of what is always a number. */
export function writeNumber(writer: ByteWriter, column: Column, value: number): void {
  const exponent = exponentOf(value, column.exponent);
  if (exponent === undefined) {
    writer.varint(CODE.double);
    writer.double(value);
    return;
  }
  const mantissa = Math.round(value * (POWERS[exponent] ?? NaN));
  if (exponent === column.exponent) writer.varint(zigzag(mantissa - column.mantissa) * CODES + CODE.delta);
  else {
    writer.varint(exponent * CODES + CODE.decimal);
    writer.varint(zigzag(mantissa));
  }
  column.mantissa = mantissa;
  column.exponent = exponent;
}

/** With how many digits after the point a number is exact, those of the last one where they do; undefined where none are enough. */
function exponentOf(value: number, preferred: number): number | undefined {
  if (isExact(value, preferred)) return preferred;
  for (let exponent = 0; exponent <= MAX_EXPONENT; exponent++) if (isExact(value, exponent)) return exponent;
  return undefined;
}

function isExact(value: number, exponent: number): boolean {
  const power = POWERS[exponent] ?? NaN;
  const mantissa = Math.round(value * power);
  return Math.abs(mantissa) <= MAX_INTEGER && Object.is(mantissa / power, value) && !Object.is(mantissa, -0);
}

function decimal({ mantissa, exponent }: Column): number {
  return mantissa / (POWERS[exponent] ?? NaN);
}
