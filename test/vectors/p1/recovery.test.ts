import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encryptedDecoder } from '../../../src/codecs/p1/encrypted.js';
import { plainDecoder } from '../../../src/codecs/p1/frame.js';
import { briefly, decode, frameOf, KEYS, TITLE } from '../../support/p1.js';

// Streams in which fuzzing found a good frame lost, or one read that was none. The CRCs are those of a bitwise implementation that gives BB3D for "123456789".
const telegram = '/EST5\\2\r\n\r\n1-0:1.7.0(000000621*W)\r\n!C3F2';

const plain = (...texts: string[]) => briefly(decode(plainDecoder(), ...texts.map((text) => Buffer.from(text, 'latin1'))));
const checked = (...frames: Uint8Array[]) => briefly(decode(encryptedDecoder({ encryptionKey: KEYS.encryptionKey }), ...frames));

test('a telegram within what looked like the start of an encrypted frame is read', () => {
  const start = `\xdb\x08${TITLE.toString('latin1')}\x82\x01\xf2\x30`;
  assert.deepEqual(plain(start, `${telegram}\r\n`), ['truncated', telegram]);
});

test('a telegram that follows four bytes of another is read', () => {
  assert.deepEqual(plain('/EST', `${telegram}\r\n`), ['checksum', telegram]);
});

test('a frame that lost the end of its tag, which nobody checks, does not take the next one with it', () => {
  for (let lost = 1; lost <= 12; lost++)
    assert.deepEqual(checked(frameOf(1).subarray(0, -lost), frameOf(2)), [1, 2], `${lost} bytes lost`);
});

test('a frame that lost its tag and its line end, which nobody checks, does not take the next one with it', () => {
  assert.deepEqual(checked(frameOf(1).subarray(0, -13), frameOf(2)), [1, 2]);
  assert.deepEqual(checked(frameOf(1).subarray(0, -14), frameOf(2)), [1, 2]);
});

test('a plain text without the header of a telegram is none, although its CRC16 is right', () => {
  assert.deepEqual(checked(frameOf(1, Buffer.from('1-0:1.7.0(000000666*W)\r\n!469F\r\n'))), ['checksum']);
});
