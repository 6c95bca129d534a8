import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KmpDecoder, MAX_FRAME_BYTES, encodeFrame } from '../../../../src/codecs/kmp/frame.js';
import { hex, toHex } from './hex.js';

/** GetRegister answered with 55.006 MWh in register 60. Check sum by Python's binascii.crc_hqx, as all in this folder. */
const ENERGY = '403f10003c0304430000d6de03220d';

/** What a decoder finds in one chunk, as `command data` or as the word for what is wrong. */
function decode(bytes: string, decoder = new KmpDecoder('answer')): string[] {
  return decoder.push(hex(bytes)).map((found) => (found.kind === 'error' ? found.what : describe(found.frame)));
}

function describe({ command, data }: { command: number; data: Uint8Array }): string {
  return `${command.toString(16)} ${toHex(data)}`;
}

test('a request for the serial number is the one of the KMP description', () => {
  assert.equal(toHex(encodeFrame('request', { address: 0x3f, command: 0x02, data: hex('') })), '803f0235e90d');
});

test('80, 40, 0D, 06 and 1B in data and check sum are stuffed', () => {
  const encoded = encodeFrame('answer', { address: 0x3f, command: 0x10, data: hex('003c02080000 00801b400d067f') });
  assert.equal(toHex(encoded), '403f10003c02080000001b7f1be41bbf1bf21bf97fda590d');
  assert.deepEqual(decode(toHex(encoded)), ['10 003c0208000000801b400d067f']);
  assert.deepEqual(decode('403f02055d54851bf21b7f0d'), ['2 055d5485'], 'a check sum of 0D 80');
});

test('data 1B 7F, sent as 1B E4 7F, stays 1B 7F', () => {
  assert.deepEqual(decode('403f1000442802431be47fceae0d'), ['10 004428' + '0243' + '1b7f']);
});

test('an answer is found after an echo, single 00 bytes and noise', () => {
  assert.deepEqual(decode(`803f1001003cb25f0d 00 00 ff0d1b80 ${ENERGY}`), ['10 003c0304430000d6de']);
});

test('an answer from another address is an answer', () => {
  assert.deepEqual(decode('403a0200bc614ef7820d'), ['2 00bc614e']);
});

test('a 40 inside a frame begins a new answer', () => {
  assert.deepEqual(decode(`403f10003c03${ENERGY}`), ['truncated', '10 003c0304430000d6de']);
});

test('an 80 inside an answer ends it: someone else is asking', () => {
  assert.deepEqual(decode(`403f10003c03803f0235e90d${ENERGY}`), ['truncated', '10 003c0304430000d6de']);
});

test('a wrong check sum gives no frame', () => {
  assert.deepEqual(decode('403f10003c0304430000d6df03220d'), ['checksum']);
});

test('an escape without its second byte gives no frame', () => {
  assert.deepEqual(decode('403f10003c0304430000d6de03221b0d'), ['checksum']);
});

test('an escape of a byte that is never escaped gives no frame', () => {
  assert.deepEqual(decode('403f101bff3c0304430000d6de03220d'), ['checksum']);
});

test('a frame too short for address, command and check sum gives none', () => {
  assert.deepEqual(decode('400d'), ['truncated']);
  assert.deepEqual(decode('403f10000d'), ['truncated']);
});

test('an answer that breaks off is ended by a quiet line', () => {
  const decoder = new KmpDecoder('answer');
  assert.deepEqual(decode(ENERGY.slice(0, 20), decoder), []);
  assert.equal(decoder.incomplete, true);
  assert.deepEqual(
    decoder.idle().map((error) => [error.what, toHex(error.bytes)]),
    [['truncated', ENERGY.slice(0, 20)]],
  );
  assert.equal(decoder.incomplete, false);
  assert.deepEqual(decode(ENERGY, decoder), ['10 003c0304430000d6de']);
});

test('a quiet line between frames is nothing', () => {
  assert.deepEqual(new KmpDecoder('answer').idle(), []);
});

test('a frame without an end is given up at the longest length', () => {
  assert.equal(MAX_FRAME_BYTES, 218);
  assert.deepEqual(decode(`40${'00'.repeat(216)}`), []);
  assert.deepEqual(decode(`40${'00'.repeat(217)}${ENERGY}`), ['truncated', '10 003c0304430000d6de']);
});

test('only an echo, only noise and nothing are told apart', () => {
  const seen = (bytes: string): string => {
    const decoder = new KmpDecoder('answer');
    decode(bytes, decoder);
    return decoder.skipped;
  };
  assert.equal(seen(''), 'nothing');
  assert.equal(seen('0000'), 'nothing');
  assert.equal(seen('ff00'), 'noise');
  assert.equal(seen('803f1001003cb25f0d'), 'echo');
  assert.equal(seen('00ff803f1001003cb25f0d00'), 'echo');
});

test('requests are found by a decoder of requests, answers are not', () => {
  assert.deepEqual(decode(`${ENERGY}803f0235e90d`, new KmpDecoder('request')), ['2 ']);
});
