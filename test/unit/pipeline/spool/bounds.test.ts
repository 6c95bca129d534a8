import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Spool } from '../../../../src/pipeline/spool/spool.js';
import { reading } from '../../../support/items.js';
import { allOf, numbersOf, runSpool, spoolFolder, spoolOptions, type SpoolFolder } from '../../../support/spool.js';

const START = Date.UTC(2026, 0, 15, 12);
const HOUR_S = 3_600;

/** What cannot be compressed. */
function noise(n: number): number {
  return Math.imul(Math.imul(n + 1, 0x9e3779b1) ^ (n << 7), 0x85ebca6b) >>> 12;
}

/** Keeps a reading a second in runs of ten minutes, each of which leaves a block behind. */
async function keep(folder: SpoolFolder, seconds: number, maxBytes: number, maxAgeMs = Infinity) {
  const figures = { thinned: 0, dropped: 0, bytes: 0 };
  for (let from = 0; from < seconds; from += 600) {
    const options = spoolOptions(folder, { maxBytes, maxAgeMs, segmentBytes: 1_000 });
    options.clock.epoch = START + from * 1_000;
    const { spool, end } = runSpool(options);
    for (let n = from; n < from + 600; n++) {
      const at = START + n * 1_000;
      spool.append({ ...reading({ n, 'power/current-usage': noise(n) }), measuredAt: at, receivedAt: at });
    }
    await end();
    figures.thinned += spool.figures.thinned;
    figures.dropped += spool.figures.dropped;
    figures.bytes = spool.figures.bytes;
  }
  return figures;
}

test('a spool that is too large keeps its oldest readings in coarser steps, its newest as they came, and counts', async () => {
  using folder = spoolFolder();
  const figures = await keep(folder, 4 * HOUR_S, 16_000);
  const left = numbersOf(await allOf(Spool.open(spoolOptions(folder)))).map(Number);
  assert.ok(figures.bytes <= 16_000, `${figures.bytes} bytes`);
  assert.equal(figures.thinned + left.length, 4 * HOUR_S);
  assert.equal(figures.dropped, 0);
  assert.deepEqual(
    left,
    left.toSorted((one, other) => one - other),
  );
  assert.deepEqual(
    left.slice(-600),
    Array.from({ length: 600 }, (_, index) => 4 * HOUR_S - 600 + index),
  );
  const steps = left.slice(1).map((n, index) => n - (left[index] ?? 0));
  assert.equal(Math.max(...steps.slice(0, 10)) >= 60, true, 'the oldest are a minute apart or more');
  assert.ok(Math.max(...steps) <= 2 * HOUR_S, 'and no gap is larger than the coarsest step');
});

test('when even the coarsest is too much, the oldest are given up, and counted', async () => {
  using folder = spoolFolder();
  const figures = await keep(folder, 12 * HOUR_S, 3_000);
  const left = numbersOf(await allOf(Spool.open(spoolOptions(folder)))).map(Number);
  assert.equal(figures.thinned + figures.dropped + left.length, 12 * HOUR_S);
  assert.ok(left.length >= 600);
});

test('readings that are too old are given up, and counted', async () => {
  using folder = spoolFolder();
  const { dropped } = await keep(folder, 2 * HOUR_S, 2 ** 26, HOUR_S * 1_000);
  const left = numbersOf(await allOf(Spool.open(spoolOptions(folder)))).map(Number);
  assert.equal(dropped + left.length, 2 * HOUR_S);
  assert.ok((left[0] ?? 0) >= HOUR_S - 1_200 && (left[0] ?? 0) <= HOUR_S, `from ${left[0]}`);
});

test('what a crash left of making room is tidied up: nothing comes twice', async () => {
  using folder = spoolFolder();
  await keep(folder, HOUR_S, 2 ** 26);
  const before = await allOf(Spool.open(spoolOptions(folder)));
  const [first = ''] = readdirSync(folder.folder).filter((name) => name.endsWith('.0.spool'));
  writeFileSync(join(folder.folder, first.replace('.0.', '.1.') + '.new'), 'half of it');
  const again = Spool.open(spoolOptions(folder));
  assert.deepEqual(await allOf(again), before);
  assert.equal(existsSync(join(folder.folder, first.replace('.0.', '.1.') + '.new')), false);
});
