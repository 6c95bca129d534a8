import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ciphering, measureApdu, parseApdu } from '../../../../src/codecs/dlms/ciphering.js';
import { encodeApdu } from '../../../../src/codecs/dlms/encode.js';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

// The example in DLMS UA 1000-2 (Green Book) of a get-request, authenticated and encrypted with suite 0, in a general-glo-ciphering APDU.
const keys = {
  encryptionKey: hex('000102030405060708090A0B0C0D0E0F'),
  authenticationKey: hex('D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF'),
};
const plaintext = hex('C0010000080000010000FF0200');
const apdu = hex('DB 08 4D4D4D0000BC614E 1E 30 01234567 411312FF935A47566827C467BC 7D825C3BE4A77C3FCC056B6B');

test('the example of the Green Book is taken apart', () => {
  const parsed = parseApdu(apdu);
  assert.equal(Buffer.from(parsed.systemTitle).toString('hex'), '4d4d4d0000bc614e');
  assert.equal(parsed.securityControl, 0x30);
  assert.equal(parsed.frameCounter, 0x01234567);
  assert.equal(Buffer.from(parsed.ciphertext).toString('hex'), '411312ff935a47566827c467bc');
  assert.equal(Buffer.from(parsed.tag).toString('hex'), '7d825c3be4a77c3fcc056b6b');
});

test('the example of the Green Book decrypts and is genuine', () => {
  const deciphered = new Ciphering(keys).decipher(parseApdu(apdu));
  assert.equal(deciphered.tag, 'genuine');
  assert.deepEqual(Buffer.from(deciphered.plaintext), plaintext);
});

test('without the authentication key it decrypts, unchecked', () => {
  const deciphered = new Ciphering({ encryptionKey: keys.encryptionKey }).decipher(parseApdu(apdu));
  assert.equal(deciphered.tag, 'unchecked');
  assert.deepEqual(Buffer.from(deciphered.plaintext), plaintext);
});

test('with another authentication key it decrypts, but the tag is wrong', () => {
  const deciphered = new Ciphering({ ...keys, authenticationKey: hex('00'.repeat(16)) }).decipher(parseApdu(apdu));
  assert.equal(deciphered.tag, 'wrong');
  assert.deepEqual(Buffer.from(deciphered.plaintext), plaintext);
});

test('the encoder writes the example of the Green Book', () => {
  const encoded = encodeApdu({ systemTitle: hex('4D4D4D0000BC614E'), frameCounter: 0x01234567, plaintext, keys });
  assert.deepEqual(Buffer.from(encoded), apdu);
});

test('keys do not show when a ciphering is printed', () => {
  assert.doesNotMatch(JSON.stringify(new Ciphering(keys)), /d0|D0|208|13|key/);
});

const lengths = [
  { form: 'short', lengthBytes: 1, field: '1e', total: 41 },
  { form: '81', lengthBytes: 2, field: '811e', total: 42 },
  { form: '82', lengthBytes: 3, field: '82001e', total: 43 },
] as const;

for (const { form, lengthBytes, field, total } of lengths) {
  test(`a length in ${form} form is understood`, () => {
    const systemTitle = hex('4D4D4D0000BC614E');
    const encoded = encodeApdu({ systemTitle, frameCounter: 1, plaintext, keys, lengthBytes });
    assert.equal(
      Buffer.from(encoded)
        .subarray(10, 10 + lengthBytes)
        .toString('hex'),
      field,
    );
    assert.equal(measureApdu(encoded, 0, encoded.length), total);
    assert.deepEqual(Buffer.from(new Ciphering(keys).decipher(parseApdu(encoded)).plaintext), plaintext);
  });
}

test('the length is known as soon as the security control byte is there', () => {
  assert.equal(measureApdu(apdu, 0, 11), 'more');
  assert.equal(measureApdu(apdu, 0, 12), 41);
});

const noStarts = [
  ['another tag', 'DC 08 4D4D4D0000BC614E 1E 30'],
  ['a system title of another length', 'DB 07 4D4D4D0000BC614E 1E 30'],
  ['a system title that does not begin with letters', 'DB 08 4D4D310000BC614E 1E 30'],
  ['a length of three bytes', 'DB 08 4D4D4D0000BC614E 83 00001E 30'],
  ['an indefinite length', 'DB 08 4D4D4D0000BC614E 80 30'],
  ['a length without room for a ciphertext', 'DB 08 4D4D4D0000BC614E 11 30'],
  ['a security control byte that is none', 'DB 08 4D4D4D0000BC614E 1E 77'],
] as const;

for (const [what, bytes] of noStarts) {
  test(`${what} is no start`, () => {
    assert.equal(measureApdu(hex(bytes), 0, hex(bytes).length), 'none');
  });
}
