import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CRC16_ARC, CRC16_XMODEM, crc16 } from '../../../src/codecs/crc16.js';
import { crcOf } from '../../fuzz/p1-oracle.js';

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

test('the ARC check sum of any range is that of one bit after the other', () => {
  const bytes = Uint8Array.from({ length: 64 }, (_, at) => (at * 151) & 0xff);
  for (let start = 0; start < 8; start++)
    for (let end = start; end < bytes.length; end++)
      assert.equal(crc16(CRC16_ARC)(bytes, start, end), crcOf(bytes.subarray(start, end)), `${start} to ${end}`);
});
