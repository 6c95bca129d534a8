import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anonymiseKmp } from '../../../../src/codecs/kmp/anonymise.js';
import { encodeRequest, GET_SERIAL_NUMBER } from '../../../../src/codecs/kmp/command.js';
import { encodeRegistersAnswer, encodeSerialNumberAnswer, encodeTypeAnswer } from '../../../../src/codecs/kmp/encode.js';
import { KmpDecoder } from '../../../../src/codecs/kmp/frame.js';
import { parseRegisters } from '../../../../src/codecs/kmp/register.js';
import { Pseudonyms } from '../../../../src/codecs/pseudonyms.js';

const MEASURED = { id: 60, unitCode: 0x03, value: { integer: 55_006, exponent: -3 } };
const SERIAL = { id: 1001, unitCode: 0x33, value: { integer: 76_543_210, exponent: 0 } };

function anonymise(bytes: Uint8Array): Uint8Array {
  return Buffer.concat(anonymiseKmp(bytes, new Pseudonyms()).edits.map((edit) => edit.bytes));
}

function framesIn(bytes: Uint8Array): Uint8Array[] {
  return new KmpDecoder('answer').push(bytes).flatMap((found) => (found.kind === 'frame' ? [found.frame.data] : []));
}

test('a serial number becomes the same other one of as many digits wherever it stands; what is measured stays', () => {
  const [serial = new Uint8Array(), registers = new Uint8Array()] = framesIn(
    anonymise(Buffer.concat([encodeSerialNumberAnswer(76_543_210), encodeRegistersAnswer([MEASURED, SERIAL])])),
  );
  const made = Buffer.from(serial).readUInt32BE();
  assert.match(String(made), /^[1-9]\d{7}$/);
  assert.notEqual(made, 76_543_210);
  assert.deepEqual(parseRegisters(registers), [MEASURED, { ...SERIAL, value: { integer: made, exponent: 0 } }]);
});

test('requests, echoes, types and the zeros between frames stay as they are', () => {
  const line = Buffer.concat([
    Uint8Array.of(0, 0),
    encodeRequest(GET_SERIAL_NUMBER),
    encodeTypeAnswer({ type: 0x0403, revision: 'F1' }),
    encodeRegistersAnswer([MEASURED]),
  ]);
  assert.deepEqual(Buffer.from(anonymise(line)), line);
});

test('a damaged answer, which may hold a serial number, is blanked', () => {
  const damaged = encodeSerialNumberAnswer(76_543_210);
  damaged.fill(0x3e, 1, 2);
  assert.deepEqual(
    [...new Set(anonymise(damaged))].filter((byte) => byte !== 0),
    [0xff],
  );
});
