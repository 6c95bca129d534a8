import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encryptedDecoder } from '../../../../src/codecs/p1/encrypted.js';
import { T210 } from '../../../../src/simulators/t210.js';
import { KEYS } from '../../../support/t210.js';

const START = Date.UTC(2026, 6, 1);
const BATCHES = 50;
/** So few that hardly a batch is interrupted by a garbage collection. */
const BATCH = 20;
/** A telegram has 1,500 bytes. */
const MAX_BYTES = 30_000;

// `npm run bench` has the figure itself.
test(`a telegram takes less than ${MAX_BYTES} bytes of memory that somebody has to collect`, () => {
  const meter = new T210({ keys: KEYS });
  const telegrams = Array.from({ length: BATCHES * BATCH }, (_, index) => meter.transmit(START + index * 10_000).bytes);
  const decoder = encryptedDecoder(KEYS);
  const used = Array.from({ length: BATCHES }, (_, batch) => {
    const before = usedBytes();
    for (const bytes of telegrams.slice(batch * BATCH, (batch + 1) * BATCH))
      for (const { kind } of decoder.push(bytes)) assert.equal(kind, 'frame');
    return (usedBytes() - before) / BATCH;
  });
  const median = used.toSorted((a, b) => a - b)[BATCHES / 2] ?? Infinity;
  assert.ok(median < MAX_BYTES, `${Math.round(median)} bytes`);
});

function usedBytes(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
