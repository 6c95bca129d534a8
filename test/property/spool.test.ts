import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Device } from '../../src/model/device.js';
import type { Recorded } from '../../src/pipeline/sink.js';
import { decodeRecords, Devices, RecordEncoder, recordOf } from '../../src/pipeline/spool/records.js';
import { Spool } from '../../src/pipeline/spool/spool.js';
import { GRIDS_MS, thin } from '../../src/pipeline/spool/thin.js';
import { DEVICE, POWER_ONLY, reading } from '../support/items.js';
import { allOf, numbersOf, runSpool, spoolFolder, spoolOptions } from '../support/spool.js';

const value = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true }),
  fc.integer({ min: -(10 ** 6), max: 10 ** 6 }).map((integer) => integer / 1_000),
  fc.boolean(),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('2026-01-15T12:00:00.000Z', '2026-01-15T11:59:59.000Z', 2 ** 53, -(2 ** 53), 5e-324, -0),
);
const time = fc.oneof(
  fc.constantFrom(Date.UTC(2026, 0, 15, 12), Date.UTC(2026, 0, 15, 11, 59, 59)),
  fc.integer({ min: 0, max: 4e12 }),
);
const record = fc
  .record({
    device: fc.constantFrom<Device>(DEVICE, POWER_ONLY, { ...DEVICE, id: 'other' }),
    receivedAt: time,
    measuredAt: fc.option(time, { nil: undefined }),
    values: fc.dictionary(
      fc.constantFrom('energy/imported-total', 'power/current-usage', 'gas/total', 'meter/measured-at'),
      value,
    ),
    step: fc.integer({ min: 1, max: 10 ** 12 }),
  })
  .map(({ measuredAt, values, ...rest }) => ({
    ...rest,
    values: { ...values },
    ...(measuredAt !== undefined && { measuredAt }),
  }));

/** Readings with growing numbers. */
const records = fc.array(record, { maxLength: 40 }).map((list) => {
  let sequence = 0;
  return list.map(({ step, ...each }): Recorded => recordOf({ kind: 'reading', ...each }, (sequence += step)));
});

test('whatever readings hold, they are decoded as they were', () => {
  fc.assert(
    fc.property(records, (list) => {
      const encoder = new RecordEncoder(new Devices());
      const stream = Buffer.concat(list.map((each) => encoder.encode(each)));
      assert.deepEqual(decodeRecords(stream, new Devices()).records, list);
    }),
  );
});

test('thinned readings are some of them in their order, the last of each interval, and thinning again leaves them', () => {
  fc.assert(
    fc.property(records, fc.constantFrom(...GRIDS_MS.slice(1)), (list, gridMs) => {
      const kept = thin(list, gridMs);
      assert.deepEqual(
        kept,
        list.filter((each) => kept.includes(each)),
      );
      assert.deepEqual(thin(kept, gridMs), kept);
      assert.equal(kept.at(-1), list.at(-1));
    }),
  );
});

/** A spool of 40 readings in four blocks on disk and a journal, as files. */
async function spoiltSpool(spoil: (bytes: Buffer, file: string) => Buffer): Promise<readonly unknown[]> {
  using folder = spoolFolder();
  mkdirSync(folder.folder, { recursive: true });
  mkdirSync(folder.journalFolder, { recursive: true });
  for (const { path, bytes } of await original) {
    const file = path.startsWith('disk') ? join(folder.folder, path.slice(5)) : join(folder.journalFolder, path.slice(4));
    writeFileSync(file, spoil(bytes, path));
  }
  const spool = Spool.open(spoolOptions(folder));
  return numbersOf(await allOf(spool));
}

const original = makeOriginal();

async function makeOriginal(): Promise<readonly { readonly path: string; readonly bytes: Buffer }[]> {
  using folder = spoolFolder();
  for (let from = 0; from < 32; from += 8) {
    const { spool, end } = runSpool(spoolOptions(folder));
    for (let n = from; n < from + 8; n++) spool.append(reading({ n }));
    await end();
  }
  const spool = Spool.open(spoolOptions(folder));
  for (let n = 32; n < 40; n++) spool.append(reading({ n }));
  const read = (from: string, name: string) =>
    readdirSync(from).map((file) => ({ path: `${name}/${file}`, bytes: readFileSync(join(from, file)) }));
  return [...read(folder.folder, 'disk'), ...read(folder.journalFolder, 'run')];
}

const ALL = Array.from({ length: 40 }, (_, n) => n);

test('a file that is cut anywhere gives what is whole before the cut, and all that is in other files', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('disk', 'run'), fc.double({ min: 0, max: 1, noNaN: true }), async (which, share) => {
      const left = await spoiltSpool((bytes, file) => (file.startsWith(which) ? bytes.subarray(0, share * bytes.length) : bytes));
      const cut = which === 'disk' ? left.filter((n) => Number(n) < 32) : left;
      assert.deepEqual(cut, ALL.slice(0, cut.length));
      assert.deepEqual(left.slice(cut.length), which === 'disk' ? ALL.slice(32) : []);
    }),
  );
});

test('a flipped bit costs its block at the most, and no reading comes out wrong or out of order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), fc.nat(7), async (share, bit) => {
      const left = await spoiltSpool((bytes, file) => {
        if (!file.startsWith('disk')) return bytes;
        const at = 27 + Math.floor(share * (bytes.length - 27));
        const spoilt = Buffer.from(bytes);
        spoilt[at] = (spoilt[at] ?? 0) ^ (1 << bit);
        return spoilt;
      });
      assert.ok(left.length >= 32, `${left.length} of 40`);
      assert.deepEqual(
        left,
        ALL.filter((n) => left.includes(n)),
      );
    }),
  );
});

test('files of anything are never fatal', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.boolean(), async (noise, replaces) => {
      const left = await spoiltSpool((bytes) => (replaces ? Buffer.from(noise) : Buffer.concat([bytes, noise])));
      assert.deepEqual(left, replaces ? [] : ALL);
    }),
  );
});
