import type { Decimal } from '../../model/decimal.js';
import { UNITS, type Unit } from '../../model/unit.js';

/** One register as a meter sent it: the value is in the unit that the code names, which differs by meter and configuration. */
export interface Register {
  readonly id: number;
  readonly unitCode: number;
  readonly value: Decimal;
}

/** The longest integer of a register. A Multical 302 sends 1, 2 and 4 bytes; register 348 has 7. */
const MAX_INTEGER_BYTES = 8;

const NEGATIVE = 0x80;
const NEGATIVE_EXPONENT = 0x40;

/**
 * What the unit codes stand for, in the spelling of our units where we have them. Kamstrup 5512-447 (01–03, 08, 0C, 16, 17, 25–30, 32–34);
 * the others as readers of newer meters found them. A widely copied table has kW at 15 and kvar at 19: the order of the codes shows it wrong.
 */
// prettier-ignore
const UNIT_NAMES: Readonly<Record<number, string>> = {
  0x00: 'none',
  0x01: 'Wh', 0x02: 'kWh', 0x03: 'MWh', 0x04: 'GWh', 0x05: 'J', 0x06: 'kJ', 0x07: 'MJ', 0x08: 'GJ',
  0x09: 'cal', 0x0a: 'kcal', 0x0b: 'Mcal', 0x0c: 'Gcal', 0x0d: 'varh', 0x0e: 'kvarh', 0x0f: 'Mvarh', 0x10: 'Gvarh',
  0x11: 'VAh', 0x12: 'kVAh', 0x13: 'MVAh', 0x14: 'GVAh', 0x15: 'W', 0x16: 'kW', 0x17: 'MW', 0x18: 'GW',
  0x19: 'var', 0x1a: 'kvar', 0x1b: 'Mvar', 0x1c: 'Gvar', 0x1d: 'VA', 0x1e: 'kVA', 0x1f: 'MVA', 0x20: 'GVA',
  0x21: 'V', 0x22: 'A', 0x23: 'kV', 0x24: 'kA', 0x25: '°C', 0x26: 'K', 0x27: 'l', 0x28: 'm³', 0x29: 'l/h', 0x2a: 'm³/h',
  0x2b: 'm³·°C', 0x2c: 't', 0x2d: 't/h', 0x2e: 'h', 0x2f: 'clock', 0x30: 'date yy:mm:dd', 0x31: 'date yyyy:mm:dd',
  0x32: 'date mm:dd', 0x33: 'number', 0x34: 'bar', 0x35: 'RTC', 0x36: 'ASCII', 0x37: 'm³×10', 0x38: 't×10', 0x39: 'GJ×10',
  0x3a: 'min', 0x3b: 'bit field', 0x3c: 's', 0x3d: 'ms', 0x3e: 'days', 0x3f: 'RTC-Q', 0x40: 'date and time',
  0x4f: 'date and time with DST', 0x55: '%RH', 0x56: '%O2', 0x57: 'm/s', 0x58: 'kJ/kg', 0x59: 'pH', 0x5a: 'g/kg',
};

/** The code of a plain number, in which a Multical 21 counts its hours. */
export const UNIT_CODE_NUMBER = 0x33;

/** What a unit code stands for, for a person. */
export function unitName(code: number): string {
  return UNIT_NAMES[code] ?? `unit code ${code.toString(16).padStart(2, '0')}`;
}

/** The unit of measurement that a code stands for; undefined for dates, texts and units that no property can have. */
export function unitOf(code: number): Unit | undefined {
  const name = UNIT_NAMES[code];
  return name !== undefined && Object.hasOwn(UNITS, name) ? (name as Unit) : undefined;
}

/**
 * The registers of an answer to GetRegister, each id (2 bytes), unit, integer length, sign and exponent, integer. A register that the meter does not
 * know is left out of its answer without a word. Kamstrup 5512-447, "GetRegister".
 * @returns undefined when the data ends inside a register, or holds one with an integer of none or of more than eight bytes
 */
export function parseRegisters(data: Uint8Array): readonly Register[] | undefined {
  const registers: Register[] = [];
  for (let at = 0; at < data.length;) {
    // Where the header is cut, the length or the whole integer is missing.
    const [high = 0, low = 0, unitCode = 0, length = 0, signAndExponent = 0] = data.subarray(at, at + 5);
    const integer = data.subarray(at + 5, at + 5 + length);
    if (length === 0 || length > MAX_INTEGER_BYTES || integer.length < length) return undefined;
    registers.push({ id: high * 256 + low, unitCode, value: decimalOf(signAndExponent, integer) });
    at += 5 + length;
  }
  return registers;
}

/** (-1)^s × integer × 10^±e: bit 7 is s, bit 6 makes the exponent negative, bits 5 to 0 are e; the integer is unsigned and big-endian. */
function decimalOf(signAndExponent: number, bytes: Uint8Array): Decimal {
  const magnitude = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  const signed = signAndExponent & NEGATIVE ? -magnitude : magnitude;
  const number = Number(signed);
  const exponent = signAndExponent & 0x3f;
  return {
    integer: Number.isSafeInteger(number) ? number : signed,
    exponent: signAndExponent & NEGATIVE_EXPONENT ? 0 - exponent : exponent,
  };
}

/** Writes a register as a meter sends it, its integer in the shortest of 1, 2, 4 and 8 bytes that holds it. */
export function encodeRegister({ id, unitCode, value }: Register): number[] {
  const integer = BigInt(value.integer);
  const magnitude = integer < 0n ? -integer : integer;
  const length = [1, 2, 4].find((bytes) => magnitude < 1n << BigInt(8 * bytes)) ?? MAX_INTEGER_BYTES;
  const bytes = Array.from({ length }, (_, at) => Number((magnitude >> BigInt(8 * (length - 1 - at))) & 0xffn));
  const signAndExponent = (integer < 0n ? NEGATIVE : 0) | (value.exponent < 0 ? NEGATIVE_EXPONENT : 0) | Math.abs(value.exponent);
  return [id >> 8, id & 0xff, unitCode, length, signAndExponent, ...bytes];
}
