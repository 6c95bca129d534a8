import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_FRAME_BYTES } from '../../../../src/codecs/p1/extent.js';
import { plainDecoder } from '../../../../src/codecs/p1/frame.js';
import { briefly, decode, frameOf } from '../../../support/p1.js';

const found = (...texts: string[]) => briefly(decode(plainDecoder(), ...texts.map((text) => Buffer.from(text, 'latin1'))));

const error = (text: string) => {
  const [finding] = decode(plainDecoder(), Buffer.from(text, 'latin1'));
  assert(finding?.kind === 'error');
  return `${finding.what}: ${finding.detail}`;
};

// The CRCs are those of a bitwise implementation that gives BB3D for "123456789".
const telegram = '/EST5\\2\r\n\r\n1-0:1.7.0(000000621*W)\r\n!C3F2';
const other = '/EST5\\2\r\n\r\n1-0:1.7.0(000000007*W)\r\n!BA3E';
const damaged = telegram.replace('621', '721');

test('a telegram is all from its slash to its CRC', () => {
  assert.deepEqual(found(`${telegram}\r\n`), [telegram]);
});

test('it is handed out with the last digit of its CRC, before the line end', () => {
  assert.equal(plainDecoder().push(Buffer.from(telegram)).length, 1);
});

const tolerated = [
  ['the CRC is in lower case', telegram.replace('C3F2', 'c3f2')],
  ['a NUL stands between CRC and line end', `${telegram}\0\r\n`],
  ['a line end stands before it', `\r\n${telegram}\r\n`],
  ['a few bytes of noise stand before it', `\xff\0/\xdb${telegram}\r\n`],
] as const;

for (const [what, text] of tolerated) {
  test(`a telegram is read although ${what}`, () => {
    assert.deepEqual(found(text).map(String).join('').toUpperCase(), telegram.toUpperCase());
  });
}

test('a CRC may lack its leading zeros', () => {
  const unpadded = '/EST5\\2\r\n\r\n1-0:1.7.0(000000161*W)\r\n!D5';
  assert.deepEqual(found(`${unpadded}\r\n`), [unpadded]);
  assert.deepEqual(found(unpadded.replace('!D5', '!00D5')), [unpadded.replace('!D5', '!00D5')]);
});

test('telegrams may follow each other without a line end', () => {
  assert.deepEqual(found(telegram + other), [telegram, other]);
});

test('a telegram with a wrong CRC is one error, and the next is read', () => {
  assert.deepEqual(found(`${damaged}\r\n${other}\r\n`), ['checksum', other]);
});

test('a telegram without a CRC is refused where it must have one', () => {
  assert.equal(
    error('/EST5\\2\r\n\r\n1-0:1.7.0(000000621*W)\r\n!\r\n'),
    'checksum: the telegram has no CRC16: if the meter is one of DSMR 2 or 3, set preset = "dsmr2" in [client.link]',
  );
});

test('lines may end with a line feed alone, if the CRC is that of the bytes sent', () => {
  const sent = '/EST5\\2\n\n1-0:1.7.0(000000621*W)\n!D742';
  assert.deepEqual(found(`${sent}\n`), [sent]);
});

test('a telegram that lost the CR of its line ends on the way is refused, and it is said why', () => {
  assert.equal(
    error(`${telegram.replaceAll('\r', '')}\n`),
    'checksum: the CRC16 of the telegram does not match: it would if something on the way did not take away the CR of each line end. Have the bytes passed on as they are',
  );
});

for (const [what, padding] of [
  ['0xFF', '\xff'],
  ['NUL', '\0'],
] as const) {
  test(`a line that is filled up with ${what} between its telegrams is no fault`, () => {
    const much = padding.repeat(300);
    assert.deepEqual(found(`${much}${telegram}\r\n${much}${other}\r\n${much}`), [telegram, other]);
  });

  test(`a line on which there is nothing but ${what} is one`, () => {
    assert.deepEqual(found(padding.repeat(300)), ['malformed']);
  });
}

for (const trailer of ['\r\n\r\n', '\0\r\n', ' \r\n', '\x03', '*\r\n']) {
  test(`${JSON.stringify(trailer)} may stand behind the CRC`, () => {
    assert.deepEqual(found(`${telegram}${trailer}${other}${trailer}`), [telegram, other]);
  });
}

test('an exclamation mark within a line is no end', () => {
  assert.deepEqual(found('/EST5\\2\r\n\r\n0-0:96.13.0(a!0000)\r\n'), ['truncated']);
});

test('a telegram that the next one interrupts is one error', () => {
  assert.deepEqual(found(telegram.slice(0, 20), other), ['truncated', other]);
});

test('a telegram that ends in silence is one error, which says what arrived', () => {
  assert.equal(error(telegram.slice(0, 33)), 'truncated: 33 bytes of a telegram, then silence');
});

test('a CRC that ends in silence after three digits does not match', () => {
  assert.deepEqual(found(telegram.slice(0, -1)), ['checksum']);
});

test('many bytes in which no telegram starts are one error, with the likely cause', () => {
  assert.equal(
    error('U'.repeat(40)),
    'malformed: 40 bytes without the start of a frame: once is harmless; if it repeats, check the speed of the line and that its signal is inverted',
  );
});

test('few bytes in which no telegram starts are not worth a word', () => {
  assert.deepEqual(found('U'.repeat(31)), []);
});

test('noise without an end is one error until the line is quiet', () => {
  const decoder = plainDecoder();
  const noise = new Uint8Array(10 * MAX_FRAME_BYTES).fill(0x55);
  assert.deepEqual(briefly(decode(decoder, noise)), ['malformed']);
  assert.deepEqual(briefly(decode(decoder, noise)), ['malformed']);
});

test('a telegram without an end is given up, and the next one is read', () => {
  assert.deepEqual(found(`/EST5\\2\r\n${'1-0:1.7.0(1*W)\r\n'.repeat(1_000)}`, other), ['malformed', other]);
});

test('an encrypted frame is one error that names the key to set', () => {
  const [finding, ...others] = decode(plainDecoder(), frameOf(1));
  assert(finding?.kind === 'error');
  assert.equal(finding.what, 'encrypted');
  assert.equal(
    finding.detail,
    'meter 5341473500123456 encrypts: set client.encryption_key to the key (GUEK) that the grid operator hands out for it',
  );
  assert.deepEqual(others, []);
});
