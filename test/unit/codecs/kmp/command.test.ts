import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GET_SERIAL_NUMBER, GET_TYPE, encodeRequest, getRegisters } from '../../../../src/codecs/kmp/command.js';
import {
  encodeRegistersAnswer,
  encodeSerialNumberAnswer,
  encodeTypeAnswer,
  parseRequestedRegisters,
} from '../../../../src/codecs/kmp/encode.js';
import { hex, toHex } from './hex.js';

test('requests read as the KMP description has them', () => {
  assert.equal(toHex(encodeRequest(GET_TYPE)), '803f01058a0d');
  assert.equal(toHex(encodeRequest(GET_SERIAL_NUMBER)), '803f0235e90d');
  const eight = getRegisters([60, 68, 74, 80, 86, 87, 89, 1004]);
  assert.equal(toHex(encodeRequest(eight)), '803f1008003c0044004a005000560057005903ec65080d');
});

test('a count and ids of 40 and 80 are stuffed', () => {
  assert.equal(toHex(encodeRequest(getRegisters([64, 128, 27]))), '803f1003001bbf001b7f001be400080d');
});

test('a request asks for one to eight registers', () => {
  assert.throws(() => getRegisters([]), RangeError);
  assert.throws(() => getRegisters([1, 2, 3, 4, 5, 6, 7, 8, 9]), RangeError);
});

test('the serial number is the decimal number on the meter', () => {
  assert.equal(GET_SERIAL_NUMBER.parse(hex('00bc614e')), 12_345_678);
  assert.equal(GET_SERIAL_NUMBER.parse(hex('ffffffff')), 4_294_967_295);
});

test('type and software revision come as number and letter', () => {
  assert.deepEqual(GET_TYPE.parse(hex('00010601')), { type: 1, revision: 'F1' });
  assert.deepEqual(GET_TYPE.parse(hex('15040003')), { type: 0x1504, revision: '0.3' });
});

test('answers of another length are not understood', () => {
  assert.equal(GET_SERIAL_NUMBER.parse(hex('00bc61')), undefined);
  assert.equal(GET_SERIAL_NUMBER.parse(hex('00bc614e00')), undefined);
  assert.equal(GET_TYPE.parse(hex('000106')), undefined);
  assert.equal(GET_TYPE.parse(hex('0001060100')), undefined);
});

test('a meter answers as the vectors have it', () => {
  assert.equal(toHex(encodeSerialNumberAnswer(12_345_678)), '403f0200bc614eb4830d');
  assert.equal(toHex(encodeTypeAnswer({ type: 1, revision: 'F1' })), '403f0100011bf901cd690d');
  const energy = { id: 60, unitCode: 0x03, value: { integer: 55_006, exponent: -3 } };
  assert.equal(toHex(encodeRegistersAnswer([energy])), '403f10003c030243d6dea7f80d');
});

test('a meter reads which registers it is asked for', () => {
  assert.deepEqual(parseRequestedRegisters(hex('02 003c 03ec')), [60, 1004]);
});

test('a request whose count does not match is not understood', () => {
  assert.equal(parseRequestedRegisters(hex('02 003c')), undefined);
  assert.equal(parseRequestedRegisters(hex('00')), undefined);
  assert.equal(parseRequestedRegisters(hex('')), undefined);
  assert.equal(parseRequestedRegisters(hex('09' + '003c'.repeat(9))), undefined);
});
