import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { anonymiseKmp } from '../../src/codecs/kmp/anonymise.js';
import { anonymiseP1, DEMO_KEYS } from '../../src/codecs/p1/anonymise.js';
import { checkKeys } from '../../src/codecs/p1/check-keys.js';
import { encryptedDecoder } from '../../src/codecs/p1/encrypted.js';
import { maskTelegram } from '../../src/codecs/p1/mask.js';
import { Pseudonyms } from '../../src/codecs/pseudonyms.js';
import { CaptureError, parseCapture } from '../../src/transports/capture.js';
import { briefly, decode, frameOf, KEYS, telegramOf } from '../support/p1.js';

/** Frames, and bytes among them. */
const line = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.constantFrom(frameOf(1), frameOf(2), telegramOf(3)).map((frame) => Uint8Array.from(frame)),
    ),
    {
      maxLength: 6,
    },
  )
  .map((parts) => Uint8Array.from(Buffer.concat(parts)));

test('whatever a file holds, it is a capture, a dump, or refused with its line', () => {
  const text = fc.array(
    fc.constantFrom('smart-meter-reader capture 1\n', '1 < 41\n', '2 >', 'zz', ' ', '\n', '#', 'a: b\n', '<'),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        text.map((words) => Buffer.from(words.join(''))),
      ),
      (content) => {
        try {
          const { chunks } = parseCapture(content);
          assert.ok(chunks.every(({ bytes }) => bytes.length > 0));
        } catch (error) {
          assert.ok(error instanceof CaptureError);
        }
      },
    ),
  );
});

test('whatever came over a line, its anonymous form covers it all, and holds the same good frames', () => {
  fc.assert(
    fc.property(line, (bytes) => {
      const { edits } = anonymiseP1(bytes, KEYS, new Pseudonyms());
      assert.deepEqual(
        edits.reduce((at, edit) => (assert.equal(edit.start, at), edit.end), 0),
        bytes.length,
      );
      const made = Buffer.concat(edits.map((edit) => edit.bytes));
      const good = (found: ReturnType<typeof briefly>) => found.filter((each) => typeof each === 'number');
      const before = good(briefly(decode(encryptedDecoder(KEYS), bytes)));
      assert.deepEqual(good(briefly(decode(encryptedDecoder(DEMO_KEYS), made))), before);
      anonymiseKmp(bytes, new Pseudonyms());
    }),
  );
});

test('whatever a telegram holds, masking keeps its length where its CRC16 has all digits', () => {
  const text = fc.array(
    fc.constantFrom(
      '/EST5\\2',
      '\r\n',
      '0-0:96.1.1',
      '(',
      ')',
      '4B464D31323334353637',
      '*kWh',
      '!0F3A',
      'A1B2',
      '000123',
      '0-0:96.13.0',
    ),
    {
      maxLength: 20,
    },
  );
  fc.assert(
    fc.property(text, (words) => {
      const bytes = Buffer.from(words.join(''), 'latin1');
      assert.equal(maskTelegram(bytes, new Pseudonyms()).length, bytes.length);
    }),
  );
});

test('whatever is written for keys, checking them ends', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 140 }), fc.option(fc.string({ maxLength: 140 })), (encryption, authentication) => {
      checkKeys([frameOf(1)], { encryption, authentication: authentication ?? undefined });
    }),
    { numRuns: 50 },
  );
});
