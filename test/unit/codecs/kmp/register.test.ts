import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeRegister, parseRegisters, unitName, unitOf } from '../../../../src/codecs/kmp/register.js';
import { hex, toHex } from './hex.js';

test('a register is id, unit, length, sign and exponent, big-endian integer', () => {
  assert.deepEqual(parseRegisters(hex('003c 03 04 43 0000d6de')), [
    { id: 60, unitCode: 0x03, value: { integer: 55_006, exponent: -3 } },
  ]);
  assert.deepEqual(parseRegisters(hex('0056 25 02 42 14f5')), [
    { id: 86, unitCode: 0x25, value: { integer: 5_365, exponent: -2 } },
  ]);
});

test('registers of different lengths follow each other', () => {
  assert.deepEqual(parseRegisters(hex('0124 25 01 00 14  03ec 33 04 00 0000d668  004a 29 02 00 0000')), [
    { id: 292, unitCode: 0x25, value: { integer: 20, exponent: 0 } },
    { id: 1004, unitCode: 0x33, value: { integer: 54_888, exponent: 0 } },
    { id: 74, unitCode: 0x29, value: { integer: 0, exponent: 0 } },
  ]);
});

test('no register at all is an empty answer', () => {
  assert.deepEqual(parseRegisters(hex('')), []);
});

test('bit 7 makes the value negative, bit 6 the exponent', () => {
  assert.deepEqual(parseRegisters(hex('0059 26 02 c2 3039'))?.[0]?.value, { integer: -12_345, exponent: -2 });
  assert.deepEqual(parseRegisters(hex('0059 26 02 82 3039'))?.[0]?.value, { integer: -12_345, exponent: 2 });
  assert.deepEqual(parseRegisters(hex('0059 26 02 02 3039'))?.[0]?.value, { integer: 12_345, exponent: 2 });
});

test('a negative zero is zero', () => {
  assert.deepEqual(parseRegisters(hex('0059 26 01 c0 00'))?.[0]?.value, { integer: 0, exponent: 0 });
});

test('an integer that a double cannot hold is a bigint', () => {
  const largest = parseRegisters(hex('003c 01 08 00 ffffffffffffffff'));
  assert.deepEqual(largest?.[0]?.value, { integer: 18_446_744_073_709_551_615n, exponent: 0 });
  const safe = parseRegisters(hex('015c 4f 07 00 00180b1e0c0d0e'));
  assert.deepEqual(safe?.[0]?.value, { integer: 0x180b1e0c0d0e, exponent: 0 });
});

test('a cut register, bytes too many, and an integer of no or of nine bytes are not understood', () => {
  assert.equal(parseRegisters(hex('003c 03 04 43 0000d6')), undefined);
  assert.equal(parseRegisters(hex('003c 03 04 43')), undefined);
  assert.equal(parseRegisters(hex('003c 03 04 43 0000d6de 00')), undefined);
  assert.equal(parseRegisters(hex('003c 03 00 43')), undefined);
  assert.equal(parseRegisters(hex('003c 03 09 43 000000000000000001')), undefined);
});

test('a register is written with the shortest integer', () => {
  const written = (integer: number | bigint, exponent = 0): string =>
    toHex(Uint8Array.from(encodeRegister({ id: 0x44, unitCode: 0x28, value: { integer, exponent } })));
  assert.equal(written(255), '0044280100ff');
  assert.equal(written(256), '00442802000100');
  assert.equal(written(65_536, -3), '004428044300010000');
  assert.equal(written(-12_345, -2), '00442802c23039');
  assert.equal(written(18_446_744_073_709_551_615n, 1), '0044280801ffffffffffffffff');
});

test('unit codes name the units of the KMP description', () => {
  const codes = [0x02, 0x03, 0x08, 0x0c, 0x16, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2a, 0x2e];
  assert.deepEqual(codes.map(unitOf), ['kWh', 'MWh', 'GJ', 'Gcal', 'kW', '°C', 'K', 'l', 'm³', 'l/h', 'm³/h', 'h']);
});

test('15 is W and 19 is var, whatever the widely copied table says', () => {
  assert.equal(unitOf(0x15), 'W');
  assert.equal(unitOf(0x19), 'var');
});

test('units that no property can have are named and not mapped', () => {
  assert.deepEqual([0x00, 0x33, 0x39].map(unitOf), [undefined, undefined, undefined]);
  assert.deepEqual([0x00, 0x33, 0x39].map(unitName), ['none', 'number', 'GJ×10']);
});

test('a code that nobody has described is shown as it came', () => {
  assert.equal(unitOf(0xfe), undefined);
  assert.equal(unitName(0xfe), 'unit code fe');
});
