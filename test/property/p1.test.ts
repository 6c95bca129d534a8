import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import type { Decoder } from '../../src/codecs/decoder.js';
import { encodeTelegram } from '../../src/codecs/p1/encode.js';
import { encryptedDecoder } from '../../src/codecs/p1/encrypted.js';
import { plainDecoder, type P1Frame } from '../../src/codecs/p1/frame.js';
import { withoutParity } from '../../src/codecs/p1/parity.js';
import { parseTelegram } from '../../src/codecs/p1/telegram.js';
import { stampPrinter, stampReader } from '../../src/codecs/p1/time.js';
import { briefly, decode, flip, frameOf, KEYS, telegramOf } from '../support/p1.js';

const decoders = [
  ['plain', plainDecoder],
  ['plain, of DSMR 2 and 3', () => withoutParity(plainDecoder('optional'))],
  ['encrypted, verified', () => encryptedDecoder(KEYS)],
  ['encrypted, checked', () => encryptedDecoder({ encryptionKey: KEYS.encryptionKey })],
] as const satisfies readonly (readonly [string, () => Decoder<P1Frame>])[];

/** What may come over a line: frames, damaged ones, and noise that likes the bytes with which frames begin. */
const piece = fc.oneof(
  fc.nat(50).map((counter) => frameOf(counter)),
  fc.nat(50).map((watts) => telegramOf(watts)),
  fc
    .tuple(fc.nat(50), fc.nat(200), fc.integer({ min: 1, max: 255 }))
    .map(([counter, at, mask]) => flip(frameOf(counter), at, mask)),
  fc.tuple(fc.nat(50), fc.nat(150)).map(([counter, end]) => frameOf(counter).subarray(0, end)),
  fc.tuple(fc.nat(50), fc.nat(150)).map(([watts, start]) => telegramOf(watts).subarray(start)),
  fc.uint8Array({ maxLength: 60 }),
  fc
    .array(fc.constantFrom(0xdb, 0x08, 0x53, 0x41, 0x47, 0x35, 0x81, 0x82, 0x30, 0x2f, 0x21, 0x0a), { maxLength: 60 })
    .map((bytes) => Uint8Array.from(bytes)),
);

const line = fc.array(piece, { maxLength: 12 }).map((pieces) => Buffer.concat(pieces));

function cut(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let at = 0;
  for (const length of lengths) {
    chunks.push(bytes.subarray(at, at + length));
    at += length;
  }
  return [...chunks, bytes.subarray(at)];
}

for (const [kind, decoder] of decoders) {
  test(`${kind}: the same bytes give the same findings however they are cut`, () => {
    fc.assert(
      fc.property(line, fc.array(fc.nat(80), { maxLength: 60 }), (bytes, lengths) => {
        assert.deepEqual(decode(decoder(), ...cut(bytes, lengths)), decode(decoder(), bytes));
      }),
    );
  });

  test(`${kind}: a byte at a time gives the same findings`, () => {
    fc.assert(
      fc.property(line, (bytes) => {
        assert.deepEqual(decode(decoder(), ...cut(bytes, Array<number>(bytes.length).fill(1))), decode(decoder(), bytes));
      }),
      { numRuns: 30 },
    );
  });

  test(`${kind}: random bytes never throw, and give no frame`, () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 2_000 }), { maxLength: 10 }), (chunks) => {
        assert(decode(decoder(), ...chunks).every((finding) => finding.kind === 'error'));
      }),
    );
  });

  test(`${kind}: after a quiet line whatever came before is forgotten`, () => {
    const good = kind.startsWith('plain') ? telegramOf(7) : frameOf(7);
    fc.assert(
      fc.property(line, (bytes) => {
        const used = decoder();
        decode(used, bytes);
        const found = used.push(good);
        assert.equal(found.length, 1);
        assert.equal(found[0]?.kind, 'frame');
      }),
    );
  });
}

test('any one flipped bit of an encrypted frame leaves no frame, and one error', () => {
  const frame = frameOf(2);
  for (let bit = 0; bit < frame.length * 8; bit++) {
    const damaged = flip(frame, bit >> 3, 1 << (bit & 7));
    const found = briefly(decode(encryptedDecoder(KEYS), damaged));
    assert(found.length === 1 && typeof found[0] === 'string', `bit ${bit}: ${found.join(' ')}`);
  }
});

test('any one flipped bit of a telegram leaves no telegram', () => {
  const telegram = telegramOf(621).subarray(0, -2);
  for (let bit = 0; bit < telegram.length * 8; bit++) {
    const found = decode(plainDecoder(), flip(telegram, bit >> 3, 1 << (bit & 7)));
    const isCase =
      /[A-F]/.test(String.fromCharCode(telegram[bit >> 3] ?? 0)) && bit >> 3 >= telegram.length - 4 && (bit & 7) === 5;
    assert.equal(found[0]?.kind, isCase ? 'frame' : 'error', `bit ${bit}`);
  }
});

test('a frame cut at any byte costs itself and no other', () => {
  const frame = frameOf(2);
  for (let length = 1; length < frame.length; length++) {
    const found = briefly(decode(encryptedDecoder(KEYS), frameOf(1), frame.subarray(0, length), frameOf(3)));
    assert.deepEqual(
      found.filter((finding) => typeof finding === 'number'),
      [1, 3],
      `cut at ${length}`,
    );
    assert(found.length <= 3, `cut at ${length}: ${found.join(' ')}`);
  }
});

test('a frame without any one of its bytes costs itself and no other', () => {
  const frame = frameOf(2);
  for (let lost = 0; lost < frame.length; lost++) {
    const rest = Buffer.concat([frame.subarray(0, lost), frame.subarray(lost + 1)]);
    const found = briefly(decode(encryptedDecoder(KEYS), frameOf(1), rest, frameOf(3)));
    assert.deepEqual(
      found.filter((finding) => typeof finding === 'number'),
      [1, 3],
      `without byte ${lost}`,
    );
    assert.equal(found.length, 3, `without byte ${lost}: ${found.join(' ')}`);
  }
});

test('what a decoder finds in a flood of starts takes time in proportion to its length', () => {
  const starts = (count: number) => Buffer.concat(Array<Uint8Array>(count).fill(frameOf(1).subarray(0, 18)));
  const timeOf = (bytes: Uint8Array) => {
    const startMs = performance.now();
    decode(encryptedDecoder(KEYS), bytes);
    return performance.now() - startMs;
  };
  timeOf(starts(2_000));
  const [shortMs, longMs] = [timeOf(starts(2_000)), timeOf(starts(16_000))];
  assert(longMs < 8 * 4 * shortMs + 50, `${shortMs} ms, and ${longMs} ms for eight times as much`);
});

test('a decoder holds on to nothing that it has read', async () => {
  const held = decoders.map(([, decoder]) => decoder());
  const flood = Buffer.concat([frameOf(1).subarray(0, -1), new Uint8Array(60_000).fill(0x2f), telegramOf(1).subarray(0, -8)]);
  const beforeBytes = heldBytes();
  for (let round = 0; round < 100; round++) for (const decoder of held) decoder.push(flood);
  // Freed memory is counted a little later, by another thread.
  for (let wait = 0; wait < 200 && heldBytes() - beforeBytes >= 100_000; wait++) await setTimeout(10);
  assert(heldBytes() - beforeBytes < 100_000);
});

function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return process.memoryUsage().arrayBuffers;
}

const contents = fc.array(fc.stringMatching(/^[0-9A-Za-z.*:-]{0,20}$/), { minLength: 1, maxLength: 4 });
const obis = fc
  .tuple(fc.nat(9), fc.nat(9), fc.nat(99), fc.nat(99), fc.nat(99))
  .map(([a, b, c, d, e]) => `${a}-${b}:${c}.${d}.${e}`);

test('a telegram that was written is read as it was meant', () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[A-Z]{3}5[ !-.0-~]{0,20}$/),
      fc.array(fc.record({ obis, contents }, { noNullPrototype: true }), { maxLength: 30 }),
      (identification, objects) => {
        const [finding] = decode(plainDecoder(), encodeTelegram({ identification, objects }));
        assert(finding?.kind === 'frame');
        assert.deepEqual(parseTelegram(finding.frame.telegram), { identification, objects, skippedLines: [] });
      },
    ),
  );
});

test('a stamp that was written is read as it was meant', () => {
  const [print, read] = [stampPrinter('Europe/Vienna'), stampReader('Europe/Vienna')];
  fc.assert(
    fc.property(fc.integer({ min: Date.UTC(2001, 0, 2) / 1_000, max: Date.UTC(2069, 11, 30) / 1_000 }), (second) => {
      assert.deepEqual(read(print(second * 1_000)), { instant: second * 1_000, contradictory: false });
    }),
  );
});
