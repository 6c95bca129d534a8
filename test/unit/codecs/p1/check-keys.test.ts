import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkKeys } from '../../../../src/codecs/p1/check-keys.js';
import { flip, frameOf, KEYS } from '../../../support/p1.js';

/** A key of which no two digits that matter here are the same. */
const ENCRYPTION = '0f1e2d3c4b5a69788796a5b4c3d2e1f0';
const AUTHENTICATION = '13579bdf02468ace8642fdb97531eca0';
const bytes = (digits: string): Uint8Array => Buffer.from(digits, 'hex');
const METER = { encryptionKey: bytes(ENCRYPTION), authenticationKey: bytes(AUTHENTICATION) };
const FRAMES = [frameOf(1, 621, METER), frameOf(2, 622, METER)];

const check = (encryption: string, authentication?: string, frames = FRAMES): [string, string] => {
  const report = checkKeys(frames, { encryption, authentication });
  return [report.encryption.detail, report.authentication.detail];
};

const but = (mistake: string): string => `right but for this: ${mistake}`;
const reversed = (digits: string): string => (digits.match(/../g) ?? []).toReversed().join('');

for (const [what, written, mistake] of [
  ['a wrong digit', ENCRYPTION.replace('2d', '2e'), 'a digit is wrong: the 6th'],
  ['two neighbours swapped', ENCRYPTION.replace('2d', 'd2'), 'two neighbouring digits are swapped: the 5th and the 6th'],
  ['an O for a 0', `O${ENCRYPTION.slice(1)}`, 'letters stand in the place of digits: the 1st'],
  ['an l for a 1', ENCRYPTION.replace('1', 'l'), 'letters stand in the place of digits: the 3rd'],
  ['a missing digit', ENCRYPTION.slice(1), 'a digit is missing: the 1st'],
  ['two missing digits', ENCRYPTION.replace('2d', ''), 'two digits are missing: the 5th and the 6th'],
  ['an extra digit', `${ENCRYPTION}7`, 'there is a digit too many: the 33rd'],
  ['a line with more than the key', `0005${ENCRYPTION}01`, 'there is more than the key: it is the 5th to the 36th digit'],
  ['reversed bytes', reversed(ENCRYPTION), 'its bytes stand in reversed order'],
  [
    'blanks',
    ENCRYPTION.replaceAll(/(..)/g, '$1 '),
    'it has characters beside its 32 hexadecimal digits, such as blanks, colons or 0x',
  ],
  ['Base64', Buffer.from(ENCRYPTION, 'hex').toString('base64'), 'it is written in Base64: write it in hexadecimal digits'],
  ['two wrong digits', ENCRYPTION.replace('0f', '1f').replace('2d', '2e'), 'two digits are wrong: the 1st and the 6th'],
] as const) {
  test(`${what} in the encryption key is recognised, and the authentication key checked all the same`, () => {
    assert.deepEqual(check(written, AUTHENTICATION), [but(mistake), 'right']);
  });
}

for (const [what, written, mistake] of [
  ['a wrong digit', AUTHENTICATION.replace('9b', '9c'), 'a digit is wrong: the 6th'],
  ['a missing digit', AUTHENTICATION.slice(0, -1), 'a digit is missing: the 32nd'],
  ['two wrong digits', AUTHENTICATION.replace('13', '23').replace('9b', '9c'), 'two digits are wrong: the 1st and the 6th'],
  ['reversed bytes', reversed(AUTHENTICATION), 'its bytes stand in reversed order'],
] as const) {
  test(`${what} in the authentication key is recognised`, () => {
    assert.deepEqual(check(ENCRYPTION, written), ['right', but(mistake)]);
  });
}

test('right keys are right, in capitals too', () => {
  assert.deepEqual(check(ENCRYPTION.toUpperCase(), AUTHENTICATION), ['right', 'right']);
});

test('swapped keys are recognised, also when one of them is mistyped', () => {
  const inPlaceOf = (key: string): string => `it stands in the place of ${key}`;
  assert.deepEqual(check(AUTHENTICATION, ENCRYPTION), [inPlaceOf('authentication_key'), inPlaceOf('encryption_key')]);
  assert.deepEqual(check(AUTHENTICATION, ENCRYPTION.slice(1)), [
    `${inPlaceOf('authentication_key')}, and there a digit is missing: the 1st`,
    inPlaceOf('encryption_key'),
  ]);
});

test('keys of another meter are wrong, and no slip is made up', () => {
  const wrong = ", and no likely slip makes it right: it is another meter's, or an old one";
  assert.deepEqual(check('ab'.repeat(16), AUTHENTICATION), [
    `it opens none of the frames${wrong}`,
    'not checked, since that takes the right encryption key',
  ]);
  assert.deepEqual(check(ENCRYPTION, 'ab'.repeat(16)), [
    'right',
    `the telegram is right, the tag of the frame does not fit it${wrong}`,
  ]);
});

test('a missing authentication key is no mistake; that the meter has the published one is told', () => {
  assert.deepEqual(check(ENCRYPTION)[1], "not set: frames are read, but whether they are the meter's own is not checked");
  const published = frameOf(1, 621, { ...METER, authenticationKey: bytes('00112233445566778899aabbccddeeff') });
  assert.match(check(ENCRYPTION, AUTHENTICATION, [published])[1], /^the meter uses the published one of the P1 specification/);
});

test('a damaged frame does not make keys wrong', () => {
  const damaged = FRAMES.map((frame) => flip(frame, 150));
  assert.deepEqual(check(ENCRYPTION, AUTHENTICATION, damaged), ['right', 'not checked: no frame is intact']);
  assert.deepEqual(check(ENCRYPTION, AUTHENTICATION, [...damaged, ...FRAMES]), ['right', 'right']);
});

test('no report holds a key or eight digits of one', () => {
  const hex = Buffer.from(KEYS.encryptionKey).toString('hex');
  for (const written of [ENCRYPTION, hex, ENCRYPTION.slice(1), reversed(ENCRYPTION)]) {
    const said = check(written, AUTHENTICATION).join(' ');
    for (let at = 0; at + 8 <= 32; at++) assert.equal(said.includes(ENCRYPTION.slice(at, at + 8)), false);
  }
});
