import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decimalOf, printNumber, scale } from '../../../src/model/decimal.js';

test('a decimal shift has no binary noise where multiplying has', () => {
  assert.equal(4.35 * 100, 434.99999999999994);
  assert.equal(scale(435, -2), 4.35);
  assert.equal(scale(435, 0), 435);
  assert.equal(scale(55006, -3), 55.006);
  assert.equal(scale(326641, 3), 326641000);
});

test('integers beyond 2^53 come as bigint and round once', () => {
  assert.equal(scale(12345678901234567890n, -10), 1234567890.1234567);
});

test('a product beyond 2^53 and an exponent beyond 22 still round once', () => {
  assert.equal(scale(9007199254740991, 2), 900719925474099100);
  assert.equal(scale(5, -30), 5e-30);
});

test('a shifted integer equals what reading the decimal text gives', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.integer({ min: -12, max: 6 }), (integer, exponent) => {
      assert.equal(scale(integer, exponent), Number(`${integer}e${exponent}`));
    }),
  );
});

test('numbers print without an exponent', () => {
  assert.equal(printNumber(1e21), '1000000000000000000000');
  assert.equal(printNumber(-1.5e-7), '-0.00000015');
  assert.equal(printNumber(1.25e22), '12500000000000000000000');
  assert.equal(printNumber(53.65), '53.65');
  assert.equal(printNumber(0), '0');
  assert.equal(printNumber(-0), '0');
});

test('a printed number reads back as the same number and is made of digits', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const text = printNumber(value);
      assert.match(text, /^-?[0-9]+(\.[0-9]+)?$/);
      assert.equal(Number(text), value === 0 ? 0 : value);
    }),
  );
});

test('what is not a finite number is not printed', () => {
  assert.throws(() => printNumber(NaN), RangeError);
  assert.throws(() => printNumber(Infinity), RangeError);
});

test('a number is the decimal that it is printed as', () => {
  assert.deepEqual(decimalOf(4.35), { integer: 435, exponent: -2 });
  assert.deepEqual(decimalOf(-0.5), { integer: -5, exponent: -1 });
  assert.deepEqual(decimalOf(0), { integer: 0, exponent: 0 });
  assert.deepEqual(decimalOf(1e21), { integer: 1_000_000_000_000_000_000_000n, exponent: 0 });
  assert.throws(() => decimalOf(NaN), RangeError);
});
