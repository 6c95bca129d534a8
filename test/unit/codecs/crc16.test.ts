import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CRC16_ARC, CRC16_XMODEM, crc16 } from '../../../src/codecs/crc16.js';

const CHECK = new TextEncoder().encode('123456789');

test('the ARC check value of the CRC catalogues', () => {
  assert.equal(crc16(CRC16_ARC)(CHECK), 0xbb3d);
});

test('the XMODEM check value of the CRC catalogues', () => {
  assert.equal(crc16(CRC16_XMODEM)(CHECK), 0x31c3);
});

test('a range counts only its bytes', () => {
  const padded = new TextEncoder().encode('xx123456789yy');
  assert.equal(crc16(CRC16_ARC)(padded, 2, 11), 0xbb3d);
});
