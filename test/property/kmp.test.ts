import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeRegistersAnswer } from '../../src/codecs/kmp/encode.js';
import { KmpDecoder, MAX_FRAME_BYTES, encodeFrame, type Direction } from '../../src/codecs/kmp/frame.js';
import { parseRegisters } from '../../src/codecs/kmp/register.js';

/** Records as the codec makes them. */
const PLAIN = { noNullPrototype: true } as const;

/** Bytes of which many mean something to KMP. */
const noise = fc
  .uint8Array({ maxLength: 600 })
  .chain((bytes) =>
    fc
      .array(fc.constantFrom(0x80, 0x40, 0x0d, 0x06, 0x1b, 0x00), { minLength: bytes.length, maxLength: bytes.length })
      .map((special) => bytes.map((byte, at) => (byte < 100 ? (special[at] ?? byte) : byte))),
  );

const frame = fc.record(
  {
    address: fc.integer({ min: 0, max: 255 }),
    command: fc.integer({ min: 0, max: 255 }),
    data: noise.map((bytes) => bytes.slice(0, 104)),
  },
  PLAIN,
);

const register = fc.record(
  {
    id: fc.integer({ min: 0, max: 0xffff }),
    unitCode: fc.integer({ min: 0, max: 255 }),
    value: fc.record(
      {
        integer: fc
          .bigInt({ min: -(2n ** 64n) + 1n, max: 2n ** 64n - 1n })
          .map((integer) => (Number.isSafeInteger(Number(integer)) ? Number(integer) : integer)),
        exponent: fc.integer({ min: -63, max: 63 }),
      },
      PLAIN,
    ),
  },
  PLAIN,
);

const direction = fc.constantFrom<Direction>('request', 'answer');

function cut(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const places = [0, ...at.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.slice(places[index], end));
}

test('what was encoded is decoded', () => {
  fc.assert(
    fc.property(direction, frame, (way, sent) => {
      const found = new KmpDecoder(way).push(encodeFrame(way, sent));
      assert.deepEqual(found, [{ kind: 'frame', frame: sent }]);
    }),
  );
});

test('registers that were encoded are decoded', () => {
  fc.assert(
    fc.property(fc.array(register, { maxLength: 8 }), (registers) => {
      const [found] = new KmpDecoder('answer').push(encodeRegistersAnswer(registers));
      assert.deepEqual(found?.kind === 'frame' && parseRegisters(found.frame.data), registers);
    }),
  );
});

test('the same bytes give the same frames however they are cut', () => {
  fc.assert(
    fc.property(noise, frame, noise, fc.array(fc.nat()), (before, sent, after, places) => {
      const bytes = Uint8Array.from([...before, ...encodeFrame('answer', sent), ...after]);
      const whole = new KmpDecoder('answer');
      const pieces = new KmpDecoder('answer');
      const expected = [...whole.push(bytes), ...whole.idle()];
      const found = [...cut(bytes, places).flatMap((piece) => pieces.push(piece)), ...pieces.idle()];
      assert.deepEqual(found, expected);
      assert.equal(pieces.skipped, whole.skipped);
    }),
  );
});

test('an answer is found after any noise', () => {
  fc.assert(
    fc.property(noise, frame, (before, sent) => {
      const found = new KmpDecoder('answer').push(Uint8Array.from([...before, ...encodeFrame('answer', sent)]));
      assert.deepEqual(found.at(-1), { kind: 'frame', frame: sent });
    }),
  );
});

test('one flipped bit that leaves the framing alone gives no frame', () => {
  const framing = new Set([0x80, 0x40, 0x0d, 0x06, 0x1b]);
  fc.assert(
    fc.property(frame, fc.nat(), (sent, place) => {
      const bytes = encodeFrame('answer', sent);
      const at = 1 + ((place >> 3) % (bytes.length - 2));
      const before = bytes[at] ?? 0;
      const after = before ^ (1 << (place & 7));
      fc.pre(!framing.has(before) && !framing.has(after));
      const found = new KmpDecoder('answer').push(bytes.with(at, after));
      assert.deepEqual(
        found.map(({ kind }) => kind),
        ['error'],
      );
    }),
  );
});

test('random bytes never throw, and nothing that is held or handed out is longer than a frame', () => {
  fc.assert(
    fc.property(direction, fc.array(noise), (way, chunks) => {
      const decoder = new KmpDecoder(way);
      for (const found of [...chunks.flatMap((chunk) => decoder.push(chunk)), ...decoder.idle()]) {
        const held = found.kind === 'error' ? found.bytes : found.frame.data;
        assert.ok(held.length <= MAX_FRAME_BYTES);
        if (found.kind === 'frame') parseRegisters(found.frame.data);
      }
    }),
  );
});

test('random data of an answer never throws', () => {
  fc.assert(
    fc.property(noise, (data) => {
      parseRegisters(data);
    }),
  );
});
