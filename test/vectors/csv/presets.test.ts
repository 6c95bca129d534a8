import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import csv from '../../../src/sinks/csv/index.js';
import { makeHistory, NOON, recorded, temporaryFolder, writeTo } from '../../support/histories.js';
import { csvSettings } from '../../support/csv.js';
import { FLUVIUS, FLUVIUS_CSV, HOUSE, TELE, TELE_CSV } from './golden.js';

const device = HOUSE;

test('the preset tele writes a file a day, byte for byte what its readers know, and the messages beside it', async () => {
  using folder = temporaryFolder();
  const { sink } = makeHistory(csv, csvSettings({ folder: folder.path, preset: 'tele', time_zone: 'Europe/Budapest' }));
  await writeTo(sink, [
    recorded(TELE.values, TELE.at, { device }),
    recorded({ 'gas/volume': 1 }, TELE.at, { device, timing: 'own' }),
  ]);
  assert.equal(readFileSync(join(folder.path, 'rt/sm/2023-08-15.csv.part'), 'utf8'), TELE_CSV);
  assert.equal(
    readFileSync(join(folder.path, 'rt/sm/2023-08-15.txt.part'), 'utf8'),
    '{"MeterID":"9912345678","Time":"230815155200S","ImportPower":[8995.626],"ExportPower":[1590.321],"CurrentImport":2.352,"CurrentExport":0}\n',
  );
});

test('whole numbers have a decimal in the preset tele, and what the meter does not say is an empty cell', async () => {
  using folder = temporaryFolder();
  const { sink } = makeHistory(csv, csvSettings({ folder: folder.path, preset: 'tele', time_zone: 'Europe/Budapest' }));
  await writeTo(sink, [recorded({ 'energy/imported-total': 1_590_000 }, NOON, { device })]);
  const [, line] = readFileSync(join(folder.path, 'rt/sm/2026-01-15.csv.part'), 'utf8').split('\n');
  assert.equal(line, ',2026-01-15 13:00:00,W,,,1590.0,');
});

test('the preset belgian has the newest gas in every line, byte for byte', async () => {
  using folder = temporaryFolder();
  const { sink } = makeHistory(csv, csvSettings({ folder: folder.path, preset: 'belgian', time_zone: 'Europe/Brussels' }));
  const own = recorded(FLUVIUS.gas, FLUVIUS.gasAt, { device, timing: 'own' });
  await writeTo(sink, [own, recorded(FLUVIUS.electricity, FLUVIUS.at, { device })]);
  const [name = ''] = readdirSync(folder.path).filter((file) => file.endsWith('.part'));
  assert.equal(name, 'house_20211024195235.csv.part');
  assert.equal(readFileSync(join(folder.path, name), 'utf8'), FLUVIUS_CSV);
});

test('the preset belgian begins a new file after a hundred lines or five minutes, oldest line first', async () => {
  using folder = temporaryFolder();
  const { sink } = makeHistory(csv, csvSettings({ folder: folder.path, preset: 'belgian', time_zone: 'Europe/Brussels' }));
  const at = (seconds: number) => recorded(FLUVIUS.electricity, FLUVIUS.at + seconds * 1_000, { device });
  const everySecond = Array.from({ length: 101 }, (_, n) => at(n));
  await writeTo(sink, [...everySecond, at(399), at(400)]);
  const lines = (name: string) => readFileSync(join(folder.path, name), 'utf8').split('\r\n').slice(1, -1);
  assert.equal(lines('house_20211024195235.csv').length, 100);
  assert.deepEqual(
    lines('house_20211024195415.csv').map((line) => line.slice(0, 19)),
    ['2021-10-24T19:54:15', '2021-10-24T19:59:14'],
  );
  assert.equal(lines('house_20211024195915.csv.part').length, 1);
});
