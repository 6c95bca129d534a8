import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainDecoder } from '../../../../src/codecs/p1/frame.js';
import { withoutParity } from '../../../../src/codecs/p1/parity.js';
import { DSMR_3, DSMR_5, dsmr3, withEvenParity } from '../../../support/dsmr.js';
import { briefly, decode, flip } from '../../../support/p1.js';

/** What a decoder for DSMR 2 and 3 finds. */
const found = (...chunks: Uint8Array[]) => briefly(decode(withoutParity(plainDecoder('optional')), ...chunks));

const error = (bytes: Uint8Array) => {
  const [finding] = decode(withoutParity(plainDecoder('optional')), bytes);
  assert(finding?.kind === 'error');
  return `${finding.what}: ${finding.detail}`;
};

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1').trimEnd();

const NO_CRC = Buffer.from('/EST5\\2\r\n\r\n1-3:0.2.8(50)\r\n1-0:1.7.0(000000621*W)\r\n!\r\n');

test('a telegram without a CRC is all from its slash to its exclamation mark', () => {
  assert.deepEqual(found(DSMR_3, dsmr3(7)), [text(DSMR_3), text(dsmr3(7))]);
});

test('it is handed out with the character behind its exclamation mark', () => {
  const decoder = withoutParity(plainDecoder('optional'));
  assert.equal(decoder.push(DSMR_3.subarray(0, -2)).length, 0);
  assert.equal(decoder.push(DSMR_3.subarray(-2)).length, 1);
});

test('it is handed out when the line is quiet behind its exclamation mark', () => {
  assert.deepEqual(found(DSMR_3.subarray(0, -2)), [text(DSMR_3)]);
});

test('parity bits are taken away', () => {
  assert.deepEqual(found(withEvenParity(DSMR_3), withEvenParity(dsmr3(7))), [text(DSMR_3), text(dsmr3(7))]);
});

test('telegrams with and without parity bits may follow each other', () => {
  assert.deepEqual(found(withEvenParity(DSMR_3), dsmr3(7), withEvenParity(dsmr3(8))), [DSMR_3, dsmr3(7), dsmr3(8)].map(text));
});

test('any one flipped bit of a telegram with parity bits leaves no telegram, and the next one is read', () => {
  const telegram = withEvenParity(DSMR_3).subarray(0, -2);
  for (let bit = 0; bit < telegram.length * 8; bit++) {
    const findings = found(flip(telegram, bit >> 3, 1 << (bit & 7)), Buffer.from('\r\n'), dsmr3(7));
    assert.equal(findings.at(-1), text(dsmr3(7)), `bit ${bit}`);
    assert.deepEqual(
      findings.filter((finding) => typeof finding === 'string' && finding.startsWith('/')),
      [text(dsmr3(7))],
      `bit ${bit}`,
    );
  }
});

test('the same bytes give the same findings however they are cut', () => {
  const damaged = flip(withEvenParity(DSMR_3), 100);
  const bytes = Buffer.concat([damaged, withEvenParity(DSMR_3), DSMR_3]);
  const whole = found(bytes);
  assert.deepEqual(whole, ['checksum', text(DSMR_3), text(DSMR_3)]);
  for (const length of [1, 2, 7, 64]) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / length) }, (_, n) =>
      bytes.subarray(n * length, (n + 1) * length),
    );
    assert.deepEqual(found(...chunks), whole);
  }
});

for (const [what, byte] of [
  ['a byte that is not ASCII', 0xb3],
  ['a Telnet command of a bridge', 0xff],
  ['a NUL, as a break gives', 0x00],
] as const) {
  test(`${what} costs the telegram that it got into`, () => {
    const foreign = Buffer.concat([DSMR_3.subarray(0, 100), Buffer.of(byte), DSMR_3.subarray(100)]);
    assert.deepEqual(found(foreign, dsmr3(7)), ['checksum', text(dsmr3(7))]);
  });
}

test('a telegram that says that it is of DSMR 4 or later must have a CRC', () => {
  assert.equal(error(NO_CRC), 'checksum: the telegram has no CRC16, although it is of DSMR 4 or later (1-3:0.2.8)');
  assert.deepEqual(found(Buffer.from(NO_CRC.toString('latin1').replace('0.2.8(', '0.2.8*255('))), ['checksum']);
});

test('a telegram with a CRC is read if that is right', () => {
  assert.deepEqual(found(DSMR_5), [text(DSMR_5)]);
  assert.deepEqual(found(flip(DSMR_5, 200, 0x03)), ['checksum']);
});

test('a telegram without its end is none', () => {
  assert.deepEqual(found(DSMR_3.subarray(0, -3), dsmr3(7)), ['truncated', text(dsmr3(7))]);
  assert.deepEqual(found(DSMR_3.subarray(0, -3)), ['truncated']);
});
