import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CsvDecoder } from '../../../src/codecs/csv.js';
import { layoutOf } from '../../../src/commands/table-layouts.js';
import { TableReader, type RowResult } from '../../../src/commands/table-reader.js';
import { electricityMeter } from '../../../src/model/models/electricity-meter.js';
import { DEVICE } from '../../support/items.js';
import { FLUVIUS, FLUVIUS_CSV, TELE, TELE_CSV } from '../../vectors/csv/golden.js';

const NOON = Date.UTC(2026, 0, 15, 12);

/** Reads a table for the test meter, in Budapest. */
function read(text: string): { readonly rows: readonly RowResult[]; readonly unusable: readonly string[] } {
  const decoder = new CsvDecoder();
  const [header, ...rows] = [...decoder.push(text), ...decoder.end()].flatMap((row) => (row.kind === 'row' ? [row.cells] : []));
  const layout = layoutOf(header?.map((cell) => cell.text) ?? [], 'Europe/Budapest');
  assert.ok(layout);
  const reader = new TableReader({ layout, device: DEVICE, catalogue: electricityMeter, latest: NOON + 86_400_000 });
  return { rows: rows.map((cells) => reader.read(cells)), unusable: reader.unusable };
}

/** What rows gave, in short: device, time and values of each reading. */
function readingsOf(rows: readonly RowResult[]): unknown[] {
  return rows.flatMap(({ readings }) => readings.map(({ device, measuredAt, values }) => [device.id, measuredAt, values]));
}

const NATIVE = 'time_utc,time_local,meter,energy/imported-total (Wh),power/current-usage (W),messages/text,supply/on\r\n';

test('a row of our own has the values of one instant; numbers, flags and texts stay what they are', () => {
  const { rows, unusable } = read(
    `${NATIVE}2026-01-15T12:00:00.250Z,2026-01-15T13:00:00.250+01:00,test-meter,1000,250,"say ""007""",true\r\n` +
      '2026-01-15T12:00:10Z,,test-meter,,-3.5,"",\r\n',
  );
  assert.deepEqual(unusable, []);
  assert.deepEqual(readingsOf(rows), [
    [
      'test-meter',
      NOON + 250,
      { 'energy/imported-total': 1000, 'power/current-usage': 250, 'messages/text': 'say "007"', 'supply/on': true },
    ],
    ['test-meter', NOON + 10_000, { 'power/current-usage': -3.5, 'messages/text': '' }],
  ]);
});

test('a device has the properties of the columns, as they are known of the meter, else of its kind, else as they look', () => {
  const header = 'time_utc,meter,energy/imported-total (kWh),grid/frequency (Hz),water/volume (m³),shed/power (kW),shed/door';
  const { rows } = read(`${header}\n2026-01-15T12:00:00Z,test-meter,1.5,50,7.25,0.1,"open"\n`);
  const [reading] = rows[0]?.readings ?? [];
  const propertyOf = (node: string, property: string) => reading?.device.nodes[node]?.properties[property];
  assert.deepEqual(reading?.values, {
    'energy/imported-total': 1500,
    'grid/frequency': 50,
    'water/volume': 7.25,
    'shed/power': 0.1,
    'shed/door': 'open',
  });
  assert.deepEqual(propertyOf('energy', 'imported-total'), DEVICE.nodes.energy?.properties['imported-total']);
  assert.equal(propertyOf('grid', 'frequency'), electricityMeter.grid?.properties.frequency);
  assert.equal(propertyOf('water', 'volume')?.quantity, 'water');
  assert.deepEqual(propertyOf('shed', 'power'), {
    name: 'power',
    datatype: 'float',
    unit: 'kW',
    quantity: 'power',
    kind: 'instant',
  });
  assert.equal(propertyOf('shed', 'door')?.datatype, 'string');
});

test('rows of one device share it, whichever device that is', () => {
  const { rows } = read(
    'time_utc,meter,power/current-usage (W)\n2026-01-15T12:00:00Z,one,1\n2026-01-15T12:00:00Z,other,2\n2026-01-15T12:00:10Z,one,3\n',
  );
  const [one, other, again] = rows.flatMap(({ readings }) => readings.map(({ device }) => device));
  assert.equal(one?.id, 'one');
  assert.equal(other?.id, 'other');
  assert.equal(again, one);
});

test('a cell that cannot be read costs itself, a row without a time or a device itself', () => {
  const { rows } = read(
    `${NATIVE}2026-01-15T12:00:00Z,,test-meter,12 kWh,250,,maybe\n` +
      '15.01.2026 12:00,,test-meter,1,2,,\n' +
      '2026-01-15T12:00:00,,test-meter,1,2,,\n' +
      '2036-01-15T12:00:00Z,,test-meter,1,2,,\n' +
      '2026-01-15T12:00:00Z,,../../etc,1,2,,\n' +
      '2026-01-15T12:00:00Z,,test-meter,,,,\n',
  );
  assert.deepEqual(
    rows.map(({ problems }) => problems),
    [
      ['energy/imported-total: "12 kWh" is no number'],
      ['it says no time'],
      ['it says no time'],
      ['2036-01-15T12:00:00.000Z is still to come'],
      ['"../../etc" is no device'],
      ['it holds no value'],
    ],
  );
  assert.deepEqual(readingsOf(rows), [['test-meter', NOON, { 'power/current-usage': 250, 'supply/on': 'maybe' }]]);
});

test('a column that is no property, or in a unit that does not fit, is left out and said', () => {
  const { rows, unusable } = read(
    'time_utc,meter,energy/imported-total (m³),power/current-usage (Zoll),remark,grid/frequency\n2026-01-15T12:00:00Z,test-meter,1,2,hello,50\n',
  );
  assert.deepEqual(unusable, [
    'remark: no node/property',
    "energy/imported-total: it is in m³, and the meter's is in Wh",
    'power/current-usage: "Zoll" is no unit that is known here',
  ]);
  assert.deepEqual(readingsOf(rows), [['test-meter', NOON, { 'grid/frequency': 50 }]]);
});

test('the table of Belgian readers: electricity at its time, gas at its own, once', () => {
  const [header = '', row = ''] = FLUVIUS_CSV.split('\r\n');
  const later = row.replace('T19:52:35', 'T19:52:36').replace(',0.507,', ',0.508,');
  const { rows, unusable } = read([header, row, later, ''].join('\r\n'));
  assert.deepEqual(unusable, []);
  assert.deepEqual(readingsOf(rows), [
    ['test-meter', FLUVIUS.at, FLUVIUS.electricity],
    ['test-meter', FLUVIUS.gasAt, FLUVIUS.gas],
    ['test-meter', FLUVIUS.at + 1_000, { ...FLUVIUS.electricity, 'power/current-usage': 508 }],
  ]);
  assert.deepEqual(
    rows.map(({ readings }) => readings.map(({ timing }) => timing)),
    [[undefined, 'own'], [undefined]],
  );
});

test('the table of Hungarian readers: local times with the season, of one meter', () => {
  const other = TELE_CSV.split('\n')[1]?.replace('9912345678', '1112345678') ?? '';
  const { rows } = read(`${TELE_CSV}${other}\n`);
  assert.deepEqual(readingsOf(rows), [['test-meter', TELE.at, TELE.values]]);
  assert.deepEqual(rows[1]?.problems, ['it is of "1112345678", and the rows before of "9912345678"']);
});

test('the hour that comes twice is told apart by the season', () => {
  const rowAt = (season: string): string => `9912345678,2025-10-26 02:30:00,${season},1.0,0.0,1.0,0.0\n`;
  const { rows } = read(`MeterId,Time,DST,Import,Export,TotalImport,TotalExport\n${rowAt('S')}${rowAt('W')}`);
  assert.deepEqual(
    rows.flatMap(({ readings }) => readings.map(({ measuredAt }) => new Date(measuredAt).toISOString())),
    ['2025-10-26T00:30:00.000Z', '2025-10-26T01:30:00.000Z'],
  );
});

test('a table of another program is none that is known', () => {
  assert.equal(layoutOf(['date', 'kWh'], 'Europe/Budapest'), undefined);
});
