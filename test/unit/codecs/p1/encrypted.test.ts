import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encryptedDecoder } from '../../../../src/codecs/p1/encrypted.js';
import { closeTelegram } from '../../../../src/codecs/p1/encode.js';
import { briefly, decode, flip, frameOf, KEYS, OTHER_KEYS, telegramOf, TITLE } from '../../../support/p1.js';

const verifying = () => encryptedDecoder(KEYS);
const checking = () => encryptedDecoder({ encryptionKey: KEYS.encryptionKey });

/** Bytes of a frame: start, title, its length in two bytes behind 82, security control, counter, ciphertext, tag. */
const AT = { start: 0, title: 2, lengthHigh: 11, lengthLow: 12, control: 13, counter: 17, ciphertext: 18 } as const;

const isDamaged = (frame: Uint8Array) => briefly(decode(verifying(), frameOf(1), frame, frameOf(3)));

const errorOf = (decoder = verifying(), ...chunks: Uint8Array[]) => {
  const finding = decode(decoder, ...chunks).at(-1);
  assert(finding?.kind === 'error');
  return `${finding.what}: ${finding.detail}`;
};

test('a frame is its telegram up to the CRC, its system title and its counter', () => {
  const [finding] = decode(verifying(), frameOf(5726));
  assert(finding?.kind === 'frame');
  assert.deepEqual(Buffer.from(finding.frame.telegram), Buffer.from(telegramOf(621)).subarray(0, -2));
  assert.deepEqual(finding.frame.ciphering, { systemTitle: '5341473500123456', frameCounter: 5726 });
});

test('a frame is handed out with its last byte', () => {
  assert.equal(verifying().push(frameOf(1)).length, 1);
});

test('glued frames are all read', () => {
  assert.deepEqual(briefly(verifying().push(Buffer.concat([frameOf(1), frameOf(2), frameOf(3)]))), [1, 2, 3]);
});

test('without an authentication key the CRC16 inside decides', () => {
  assert.deepEqual(
    briefly(decode(checking(), frameOf(1, 621, { ...KEYS, authenticationKey: OTHER_KEYS.authenticationKey }))),
    [1],
  );
  assert.deepEqual(briefly(decode(checking(), frameOf(1), flip(frameOf(2), 100))), [1, 'checksum']);
});

const damages = [
  ['its start', AT.start, 'malformed'],
  ['a letter of its title', AT.title, 'checksum'],
  ['its length', AT.lengthLow, 'checksum'],
  ['its security control byte', AT.control, 'malformed'],
  ['its counter', AT.counter, 'checksum'],
  ['the header of its telegram', AT.ciphertext, 'checksum'],
  ['its telegram', 100, 'checksum'],
  ['its tag', frameOf(2).length - 1, 'checksum'],
] as const;

for (const [what, at, kind] of damages) {
  test(`one damaged byte in ${what} costs one frame and is one error`, () => {
    assert.deepEqual(isDamaged(flip(frameOf(2), at)), [1, kind, 3]);
  });
}

test('a length that became longer swallows nothing: the frames it covered are read when it fails', () => {
  const longer = flip(frameOf(2), AT.lengthHigh, 0x02);
  assert.deepEqual(briefly(decode(verifying(), frameOf(1), longer, frameOf(3), frameOf(4), frameOf(5))), [
    1,
    'checksum',
    3,
    4,
    5,
  ]);
});

test('a length that became longer is given up when the line is quiet', () => {
  const decoder = verifying();
  assert.deepEqual(briefly(decode(decoder, flip(frameOf(2), AT.lengthHigh, 0x02), frameOf(3))), ['truncated', 3]);
});

test('a length beyond any frame is no length', () => {
  assert.deepEqual(isDamaged(flip(frameOf(2), AT.lengthHigh, 0x40)), [1, 'malformed', 3]);
});

test('a lost byte costs one frame', () => {
  const cut = Buffer.concat([frameOf(2).subarray(0, 50), frameOf(2).subarray(51)]);
  assert.deepEqual(isDamaged(cut), [1, 'checksum', 3]);
});

test('two frames spliced to the right length are one error', () => {
  const spliced = Buffer.concat([frameOf(2).subarray(0, 60), frameOf(3).subarray(60)]);
  assert.deepEqual(briefly(decode(verifying(), frameOf(1), spliced, frameOf(4))), [1, 'checksum', 4]);
});

test('a frame that ends in silence is one error, which says what arrived', () => {
  const frame = frameOf(1);
  assert.equal(
    errorOf(verifying(), frame.subarray(0, 60)),
    `truncated: 60 of ${frame.length} bytes of an encrypted frame, then silence`,
  );
});

test('a start within a ciphertext is none', () => {
  // GCM adds its key stream to the text, so the text that gives a start is known once the key stream is.
  const start = Buffer.concat([Buffer.from([0xdb, 0x08]), TITLE, Buffer.from([0x81, 0x40, 0x30])]);
  const zeros = frameOf(1, new Uint8Array(200));
  const keyStream = zeros.subarray(zeros.length - 12 - 200, -12);
  const text = Buffer.from(`/EST5\r\n\r\n0-0:96.13.0(${'0'.repeat(40)})\r\n1-0:1.7.0(000000621*W)\r\n!`, 'latin1');
  const at = 25;
  for (const [index, byte] of start.entries()) text[at + index] = byte ^ (keyStream[at + index] ?? 0);
  const frame = Buffer.from(frameOf(1, closeTelegram(text.toString('latin1'))));
  assert(frame.subarray(1).includes(start));
  assert.deepEqual(briefly(decode(verifying(), frame, frameOf(2))), [1, 2]);
  assert.deepEqual(briefly(decode(verifying(), frameOf(0), flip(frame, 14), frameOf(2))), [0, 'checksum', 2]);
});

test('a telegram with a wrong CRC16 is refused, even when the tag is right', () => {
  const wrong = Buffer.from(telegramOf(621)).toString('latin1').replace('621', '721');
  assert.equal(
    errorOf(verifying(), frameOf(1, Buffer.from(wrong, 'latin1'))),
    'checksum: its tag is right, the CRC16 of its telegram wrong',
  );
});

test('a telegram without a CRC16 is refused, even when the tag is right', () => {
  const bare = Buffer.from(telegramOf(621)).subarray(0, -6);
  assert.equal(errorOf(verifying(), frameOf(1, bare)), 'checksum: its tag is right, the CRC16 of its telegram absent');
});

test('an encryption key that was never right is named at once', () => {
  assert.equal(
    errorOf(encryptedDecoder(OTHER_KEYS), frameOf(1)),
    'wrong-encryption-key: decrypting gives noise: client.encryption_key (GUEK) is not that of meter 5341473500123456',
  );
});

test('an authentication key that was never right is named at once', () => {
  assert.equal(
    errorOf(encryptedDecoder({ ...KEYS, authenticationKey: OTHER_KEYS.authenticationKey }), frameOf(1)),
    'wrong-authentication-key: the telegram decrypts and its CRC16 is right, but the tag does not match: client.authentication_key (GAK) is not that of meter 5341473500123456',
  );
});

test('keys that were right are named when three frames in a row accuse them', () => {
  const changed = [2, 3, 4, 5].map((counter) => frameOf(counter, 621, OTHER_KEYS));
  assert.deepEqual(briefly(decode(verifying(), frameOf(1), ...changed)), [
    1,
    'checksum',
    'checksum',
    'wrong-encryption-key',
    'wrong-encryption-key',
  ]);
});

test('a good frame in between acquits the keys', () => {
  const noise = (counter: number) => flip(frameOf(counter), AT.counter);
  const frames = [frameOf(1), noise(2), noise(3), frameOf(4), noise(5), noise(6), frameOf(7)];
  assert.deepEqual(briefly(decode(verifying(), ...frames)), [1, 'checksum', 'checksum', 4, 'checksum', 'checksum', 7]);
});

test('a damaged telegram is not taken for a wrong key, even as the first', () => {
  assert.equal(errorOf(checking(), flip(frameOf(1), 100)), 'checksum: its telegram is readable but not intact');
});

for (const [control, mask] of [
  ['20', 0x10],
  ['31', 0x01],
  ['21', 0x11],
] as const) {
  test(`security control ${control} is refused in words`, () => {
    assert.equal(
      errorOf(verifying(), flip(frameOf(1), AT.control, mask)),
      `malformed: security control ${control}, where a P1 meter sends 30 (suite 0, authenticated and encrypted)`,
    );
  });
}

test('an unencrypted telegram is refused', () => {
  assert.equal(
    errorOf(verifying(), telegramOf(621)),
    'unencrypted: refused, since client.encryption_key is set; remove the key if this meter does not encrypt',
  );
});

test('an error never shows a key', () => {
  const shown = JSON.stringify(decode(encryptedDecoder(OTHER_KEYS), frameOf(1), frameOf(2)));
  assert.doesNotMatch(shown, /ffffffff|255,255,255,255/i);
});
