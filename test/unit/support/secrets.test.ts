import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { ELSEWHERE, LOCALHOST } from '../../support/mqtt-certificates.js';
import { keySecret, leaks, passwordSecret, pemSecret } from '../../support/secrets.js';

const KEY = Uint8Array.from([0x3b, 0x91, 0xe7, 0x04, 0xc8, 0x5d, 0xfa, 0x62, 0x1f, 0xa9, 0x70, 0xd6, 0x8c, 0x25, 0xbe, 0x43]);
const PASSWORD = 'Korrekt "Pferd" / Batterie%7';
const secrets = { key: keySecret(KEY), password: passwordSecret(PASSWORD), pem: pemSecret(ELSEWHERE.key) };

const found = (text: string): string[] => leaks(secrets, { log: text });
const hex = Buffer.from(KEY).toString('hex');

for (const [what, text] of [
  ['in hexadecimal', `key ${hex}.`],
  ['in capitals', `key ${hex.toUpperCase()}.`],
  ['with separators', hex.replaceAll(/(..)/g, '$1:')],
  ['as Node shows a buffer', inspect(Buffer.from(KEY))],
  ['as Node shows an array of bytes', inspect(KEY)],
  ['as JSON', JSON.stringify({ key: [...KEY] })],
  ['in base64', `"${Buffer.from(KEY).toString('base64')}"`],
  ['in base64 for URLs', Buffer.from(KEY).toString('base64url')],
  ['within something else in base64', Buffer.concat([Buffer.from('x'), KEY, Buffer.from('yz')]).toString('base64')],
  ['its digits in base64', Buffer.from(`key=${hex}`).toString('base64')],
  ['its digits in hexadecimal', Buffer.from(hex).toString('hex')],
  ['half of it', `${hex.slice(0, 16)}…`],
] as const) {
  test(`a key is found ${what}`, () => {
    assert.match(found(text)[0] ?? '', /^log: key \(/);
  });
}

for (const [what, text] of [
  ['as it is', `password ${PASSWORD} refused`],
  ['as JSON', JSON.stringify({ password: PASSWORD })],
  ['in a URL', `mqtt://me:${encodeURIComponent(PASSWORD)}@host`],
  ['in the bytes of a message', Buffer.from(`\x00\x1c${PASSWORD}`).toString('hex')],
] as const) {
  test(`a password is found ${what}`, () => {
    assert.match(found(text)[0] ?? '', /^log: password \(/);
  });
}

for (const [what, text] of [
  ['as it is', ELSEWHERE.key],
  ['with its line breaks escaped', JSON.stringify(ELSEWHERE.key)],
  ['by its second line', ELSEWHERE.key.split('\n')[2] ?? ''],
  ['in hexadecimal', Buffer.from(ELSEWHERE.key.replaceAll(/-----.+-----|\s/g, ''), 'base64').toString('hex')],
] as const) {
  test(`a private key is found ${what}`, () => {
    assert.match(found(text)[0] ?? '', /^log: pem \(/);
  });
}

test('nothing is found where nothing is: not in a certificate, nor in the key of another', () => {
  assert.deepEqual(found(`${ELSEWHERE.cert}${LOCALHOST.cert}${LOCALHOST.key} 00112233445566778899aabbccddeeff`), []);
});
