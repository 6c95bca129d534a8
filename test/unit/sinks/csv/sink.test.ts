import assert from 'node:assert/strict';
import { appendFileSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { ConfigError, LinkError } from '../../../../src/model/errors.js';
import csv from '../../../../src/sinks/csv/index.js';
import { csvSettings } from '../../../support/csv.js';
import { FakeClock } from '../../../support/fake-clock.js';
import {
  makeHistory,
  NOON,
  outage,
  readAll,
  recorded,
  sinkContext,
  temporaryFolder,
  writeTo,
} from '../../../support/histories.js';
import { DEVICE, POWER_ONLY } from '../../../support/items.js';

const DAY_MS = 86_400_000;
const never = new AbortController().signal;

/** The lines of today's file of the small meter. */
function today(folder: string, name = '2026-01-15.csv.part'): string[] {
  return readFileSync(join(folder, 'test-meter', name), 'utf8').split('\r\n');
}

const HEADER = 'time_utc,time_local,meter,energy/imported-total (Wh),power/current-usage (W)';

test('a line for each reading, with a column for each property; a restart goes on without a second header', async () => {
  using folder = temporaryFolder();
  const settings = csvSettings({ folder: folder.path });
  await writeTo(makeHistory(csv, settings).sink, [recorded({ 'energy/imported-total': 1000, 'power/current-usage': 250 })]);
  await writeTo(makeHistory(csv, settings).sink, [recorded({ 'energy/imported-total': 1001 }, NOON + 1_500)]);
  assert.deepEqual(today(folder.path), [
    HEADER,
    '2026-01-15T12:00:00Z,2026-01-15T13:00:00+01:00,test-meter,1000,250',
    '2026-01-15T12:00:01.500Z,2026-01-15T13:00:01.500+01:00,test-meter,1001,',
    '',
  ]);
});

test('the day is the meter’s; a late reading goes to its own, which is opened again', async () => {
  using folder = temporaryFolder();
  const { sink } = makeHistory(csv, csvSettings({ folder: folder.path }));
  const midnight = Date.UTC(2026, 0, 15, 23);
  await writeTo(
    sink,
    [recorded({ 'power/current-usage': 1 }, midnight - 1), recorded({ 'power/current-usage': 2 }, midnight)],
    [recorded({ 'power/current-usage': 3 }, midnight + 7_200_000)],
  );
  assert.deepEqual(readdirSync(join(folder.path, 'test-meter')), ['2026-01-15.csv', '2026-01-16.csv.part']);
  await writeTo(sink, [recorded({ 'power/current-usage': 4 }, midnight - 60_000)]);
  assert.deepEqual(
    today(folder.path, '2026-01-15.csv')
      .slice(1, -1)
      .map((line) => line.split(',').at(-1)),
    ['1', '4'],
  );
});

test('readings that come again after a crash are not doubled, and what was written halfway is cut off', async () => {
  using folder = temporaryFolder();
  const settings = csvSettings({ folder: folder.path });
  const items = [1, 2, 3].map((n) => recorded({ 'power/current-usage': n }, NOON + n));
  await writeTo(makeHistory(csv, settings).sink, items.slice(0, 2));
  const path = join(folder.path, 'test-meter', '2026-01-15.csv.part');
  appendFileSync(path, '2026-01-15T12:00:00.003Z,2026-01-15T13:00:00.003+01:00,test-meter,,3\r\n2026-01-15T12:0');
  await writeTo(makeHistory(csv, settings).sink, items);
  assert.deepEqual(
    today(folder.path)
      .slice(1, -1)
      .map((line) => line.split(',').at(-1)),
    ['1', '2', '3'],
  );
});

test('without its checkpoint a file goes on after its last whole line', async () => {
  using folder = temporaryFolder();
  const settings = csvSettings({ folder: folder.path });
  await writeTo(makeHistory(csv, settings).sink, [recorded({ 'power/current-usage': 1 })]);
  for (const name of readdirSync(folder.path).filter((name) => name.endsWith('.checkpoint'))) rmSync(join(folder.path, name));
  appendFileSync(join(folder.path, 'test-meter', '2026-01-15.csv.part'), '2026-01-15T12:0');
  await writeTo(makeHistory(csv, settings).sink, [recorded({ 'power/current-usage': 2 }, NOON + 1)]);
  assert.equal(today(folder.path).length, 4);
});

test('a file that somebody has shortened goes on after its last whole line', async () => {
  using folder = temporaryFolder();
  const settings = csvSettings({ folder: folder.path });
  await writeTo(makeHistory(csv, settings).sink, [
    recorded({ 'power/current-usage': 1 }),
    recorded({ 'power/current-usage': 2 }, NOON + 1),
  ]);
  truncateSync(join(folder.path, 'test-meter', '2026-01-15.csv.part'), HEADER.length + 10);
  await writeTo(makeHistory(csv, settings).sink, [recorded({ 'power/current-usage': 3 }, NOON + 2)]);
  assert.deepEqual(
    today(folder.path).map((line) => line.split(',').at(-1)),
    ['power/current-usage (W)', '3', ''],
  );
});

test('a meter that turns out to have more gets a second file of the day, with all columns', async () => {
  using folder = temporaryFolder();
  const { sink } = makeHistory(csv, csvSettings({ folder: folder.path }));
  await writeTo(
    sink,
    [recorded({ 'power/current-usage': 1 }, NOON, { device: POWER_ONLY }), recorded({ 'energy/imported-total': 2 }, NOON + 1)],
    [recorded({ 'power/current-usage': 3 }, NOON + 2, { device: POWER_ONLY })],
  );
  assert.equal(today(folder.path, '2026-01-15.csv').length, 3);
  assert.deepEqual(
    today(folder.path, '2026-01-15-2.csv.part')
      .slice(1, -1)
      .map((line) => line.split(',').slice(3)),
    [
      ['', '2'],
      ['3', ''],
    ],
  );
});

test('closed files are packed, opened again for what is late, and deleted when they are old', async () => {
  using folder = temporaryFolder();
  const settings = csvSettings({ folder: folder.path, gzip: true, keep_days: 30 });
  const power = (n: number, days: number) => recorded({ 'power/current-usage': n }, NOON + days * DAY_MS);
  await writeTo(makeHistory(csv, settings).sink, [power(1, 0), power(2, 2)]);
  const names = () => readdirSync(join(folder.path, 'test-meter'));
  assert.deepEqual(names(), ['2026-01-15.csv.gz', '2026-01-17.csv.part']);
  await writeTo(makeHistory(csv, settings).sink, [power(3, 0.001)], [power(4, 2.1)]);
  assert.deepEqual(names(), ['2026-01-15.csv.gz', '2026-01-17.csv.part']);
  const packed = join(folder.path, 'test-meter', '2026-01-15.csv.gz');
  assert.equal(gunzipSync(readFileSync(packed)).toString().split('\r\n').length, 4);
  assert.deepEqual(
    (await readAll(csv, settings)).map(({ values }) => values['power/current-usage']),
    [1, 3, 2, 4],
  );

  const old = (NOON - 31 * DAY_MS) / 1_000;
  utimesSync(packed, old, old);
  writeFileSync(join(folder.path, 'test-meter', 'mine.csv'), 'not of the program');
  utimesSync(join(folder.path, 'test-meter', 'mine.csv'), old, old);
  await writeTo(makeHistory(csv, settings).sink);
  assert.deepEqual(names(), ['2026-01-17.csv.part', 'mine.csv']);
});

test('texts are quoted, and come back as they were', async () => {
  using folder = temporaryFolder();
  const text = { name: 'Text', datatype: 'string', quantity: 'text', kind: 'state' } as const;
  const flag = { name: 'Flag', datatype: 'boolean', quantity: 'code', kind: 'state' } as const;
  const device = { ...DEVICE, nodes: { messages: { name: '', type: '', properties: { text, flag } } } };
  const settings = csvSettings({ folder: folder.path });
  const texts = ['plain', 'a,b', 'say "no"', 'two\r\nlines\n', '42', 'true', '"'];
  const items = texts.map((value, n) => recorded({ 'messages/text': value, 'messages/flag': n % 2 === 0 }, NOON + n, { device }));
  await writeTo(makeHistory(csv, settings).sink, items);
  assert.match(readFileSync(join(folder.path, 'test-meter', '2026-01-15.csv.part'), 'utf8'), /,"say ""no""",true\r\n/);
  const values = (await readAll(csv, settings)).map((each) => each.values);
  assert.deepEqual(
    values,
    items.map((item) => item.values),
  );
});

test('files stay in their folder, and names that would not are refused', async () => {
  using folder = temporaryFolder();
  for (const files of [
    '../{date}.csv',
    '/tmp/{date}.csv',
    'a/../../{date}.csv',
    '.{date}.csv',
    'a//{date}.csv',
    '{meter}/{date}.csv',
    '{date}',
    'a\\{date}.csv',
    'today.csv',
    '{time}.csv',
  ])
    assert.throws(
      () => csv.create(csvSettings({ folder: folder.path, files }), sinkContext(new FakeClock()).context),
      ConfigError,
      files,
    );
  const { sink } = makeHistory(csv, csvSettings({ folder: join(folder.path, 'in') }));
  await writeTo(sink, [recorded({ 'power/current-usage': 1 }, NOON, { device: { ...DEVICE, id: '../../out' } })]);
  assert.deepEqual(readdirSync(folder.path), ['in']);
});

test('a folder that cannot be written is a lost link, in words', async () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, 'file'), '');
  const { sink } = makeHistory(csv, csvSettings({ folder: join(folder.path, 'file') }));
  await assert.rejects(writeTo(sink, []), (error) => error instanceof LinkError && error.message.includes('EEXIST'));
});

test('two sinks never write the same files', async () => {
  using folder = temporaryFolder();
  const settings = csvSettings({ folder: folder.path });
  const { sink } = makeHistory(csv, settings);
  await sink.open(never, () => undefined);
  await assert.rejects(writeTo(makeHistory(csv, settings).sink), /is in use by another sink of this program/);
  await sink.close(never);
  await writeTo(makeHistory(csv, settings).sink);
});

test('an hour without the store: afterwards every reading is there exactly once', async () => {
  using folder = temporaryFolder();
  const inner = join(folder.path, 'csv');
  const settings = csvSettings({ folder: inner, write_interval: 60_000 });
  const said = await outage(csv, settings, (up) => {
    // As where a disk is unmounted: another file stands in the way.
    const aside = `${inner}.aside`;
    if (up) {
      rmSync(inner, { recursive: true });
      renameSync(aside, inner);
    } else {
      renameSync(inner, aside);
      writeFileSync(inner, '');
    }
    return Promise.resolve();
  });
  const lines = readdirSync(join(inner, 'test-meter')).flatMap((name) => today(inner, name).slice(1, -1));
  assert.equal(lines.length, said.size);
  const stored = await readAll(csv, settings);
  assert.deepEqual(new Map(stored.map(({ at, values }) => [at, values])), said);
});
