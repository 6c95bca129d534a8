import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { KmpDecoder, MAX_FRAME_BYTES as MAX_KMP_BYTES } from '../../src/codecs/kmp/frame.js';
import { encryptedDecoder } from '../../src/codecs/p1/encrypted.js';
import { MAX_FRAME_BYTES } from '../../src/codecs/p1/extent.js';
import { plainDecoder } from '../../src/codecs/p1/frame.js';
import { withoutParity } from '../../src/codecs/p1/parity.js';
import type { Decoder } from '../../src/codecs/decoder.js';
import { randomOf } from '../fuzz/random.js';
import { workMeter } from '../fuzz/work.js';
import { heldBytes } from '../support/held-bytes.js';
import { KEYS } from '../support/p1.js';

const decoders = [
  ['plain P1', plainDecoder, MAX_FRAME_BYTES],
  ['plain P1 of DSMR 2 and 3', () => withoutParity(plainDecoder('optional')), MAX_FRAME_BYTES],
  ['encrypted P1, verified', () => encryptedDecoder(KEYS), MAX_FRAME_BYTES],
  ['encrypted P1, checked', () => encryptedDecoder({ encryptionKey: KEYS.encryptionKey }), MAX_FRAME_BYTES],
  ['KMP', () => new KmpDecoder('answer'), MAX_KMP_BYTES],
] as const satisfies readonly (readonly [string, () => Decoder<unknown>, number])[];

/** Input that never ends: a beginning, then one piece again and again. */
const endless = [
  ['noise', '', Buffer.from(randomOf(1).bytes(4_096)).toString('latin1')],
  ['nothing but starts of encrypted frames', '', '\xdb'],
  ['heads of encrypted frames of the greatest length', '', '\xdb\x08SAG5\0\x12\x34\x56\x82\x1f\xe0\x30'],
  ['heads of encrypted frames beyond any length', '', '\xdb\x08SAG5\0\x12\x34\x56\x82\xff\xff\x30'],
  ['nothing but slashes', '', '/'],
  ['headers of telegrams', '', '/EST5\\2\r\n'],
  ['a telegram of beginnings of headers', '/EST5\\2\r\n', '/ab'],
  ['a telegram of starts of encrypted frames', '/EST5\\2\r\n', '\xdb\x08'],
  ['a telegram without an end', '/EST5\\2\r\n', '1-0:1.7.0(000000001*W)\r\n'],
  ['ends of telegrams', '', '\r\n!0000'],
  ['telegrams without a check sum, of a later version', '', '/EST5\n1-3:0.2.8(50)\n!'],
  ['telegrams that lost the CR of their line ends', '', '/EST5\n\n1-0:1.7.0(000000001*W)\n!0000'],
  ['an answer without an end', '\x40\x3f\x10', '\x11'],
  ['nothing but starts of answers', '', '\x40'],
  ['nothing but ends of answers', '', '\x0d'],
  ['an answer of escapes', '\x40', '\x1b'],
] as const;

/** Of a megabyte for each of them. What the engine learns of the code as it runs is among it. */
const TOLERATED_BYTES = 500_000;

/** What a byte may cost at the most: a head of 14 bytes can demand a frame of the greatest length, which is looked through up to four times. */
const STEPS_PER_BYTE = (MAX_FRAME_BYTES / 14) * 4;

function feed(decoder: Decoder<unknown>, input: Uint8Array, chunkBytes: number): void {
  for (let at = 0; at < input.length; at += chunkBytes) decoder.push(input.subarray(at, at + chunkBytes));
}

for (const [name, decoder, maxFrameBytes] of decoders) {
  test(`${name}: whatever never ends, what is held and handed out does not grow`, async () => {
    const held = endless.map(([, beginning, piece]) => {
      const fed = decoder();
      feed(fed, Buffer.concat([Buffer.from(beginning, 'latin1'), Buffer.alloc(50_000, piece, 'latin1')]), 1_000);
      return { fed, piece };
    });
    const beforeBytes = heldBytes();
    for (const { fed, piece } of held) feed(fed, Buffer.alloc(1_000_000, piece, 'latin1'), 10_000);
    // Freed memory is counted a little later, by another thread.
    for (let wait = 0; wait < 200 && heldBytes() - beforeBytes >= TOLERATED_BYTES; wait++) await setTimeout(10);
    assert.ok(heldBytes() - beforeBytes < TOLERATED_BYTES, `${heldBytes() - beforeBytes} bytes more after a megabyte each`);
    for (const { fed } of held)
      for (const finding of fed.idle()) if (finding.kind === 'error') assert.ok(finding.bytes.length <= maxFrameBytes);
  });
}

const meter = await workMeter();
after(() => meter[Symbol.asyncDispose]());

for (const [name, decoder] of decoders) {
  for (const [what, beginning, piece] of endless) {
    test(`${name}: ${what}: the work grows as the input does, however it is cut`, async () => {
      for (const chunkBytes of [1, 7, 4_096]) {
        const work: number[] = [];
        for (const length of [20_000, 40_000]) {
          const input = Buffer.concat([Buffer.from(beginning, 'latin1'), Buffer.alloc(length, piece, 'latin1')]);
          work.push(
            await meter.measure(() => {
              feed(decoder(), input, chunkBytes);
            }),
          );
        }
        const [short = 0, long = 0] = work;
        const shown = `in chunks of ${chunkBytes}: ${short} steps for 20,000 bytes, ${long} for 40,000`;
        assert.ok(short > 20_000, shown);
        assert.ok(long <= 3 * short, shown);
        assert.ok(long <= STEPS_PER_BYTE * 40_000, shown);
      }
    });
  }
}
