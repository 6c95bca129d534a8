import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseValue } from '../../../../src/codecs/p1/value.js';

const values = [
  ['000326641*Wh', { integer: 326641, exponent: 0, unit: 'Wh' }],
  ['123456.789*kWh', { integer: 123456789, exponent: -3, unit: 'kWh' }],
  ['00.000kW', { integer: 0, exponent: -3, unit: 'kW' }],
  ['00.007', { integer: 7, exponent: -3, unit: '' }],
  ['-063*A', { integer: -63, exponent: 0, unit: 'A' }],
  ['-0.480', { integer: -480, exponent: -3, unit: '' }],
  ['-00.000*kW', { integer: 0, exponent: -3, unit: 'kW' }],
  ['00000001234567890123*Wh', { integer: 1234567890123n, exponent: 0, unit: 'Wh' }],
  ['-9007199254740993.5*Wh', { integer: -90071992547409935n, exponent: -1, unit: 'Wh' }],
] as const;

for (const [content, value] of values) {
  test(`${content} is read without loss`, () => {
    assert.deepEqual(parseValue(content), value);
  });
}

for (const content of ['', '*kWh', 'kWh', '-', '-*Wh', '.5*kW', '1.*kW', '-.', 'xxx']) {
  test(`"${content}" is no number`, () => {
    assert.equal(parseValue(content), undefined);
  });
}
