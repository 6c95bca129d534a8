import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FORMATS } from '../../../src/commands/export-rows.js';
import { localTimeOf } from '../../../src/sinks/local-time.js';

const NOON = Date.UTC(2026, 0, 15, 12);
const SERIES = [
  { device: 'house', path: 'energy/imported-total', unit: 'Wh' },
  { device: 'house', path: 'messages/text' },
  { device: 'other', path: 'energy/imported-total', unit: 'Wh' },
] as const;
const READING = {
  device: 'house',
  at: NOON,
  values: { 'messages/text': 'say "hi",\nall', 'energy/imported-total': 4_248_198 },
};
const SUMMARY = { count: 3, first: 1, last: 3, min: 0.5, max: 3.25, mean: 2 };
const INTERVAL = {
  device: 'house',
  from: Date.UTC(2026, 0, 14, 23),
  to: Date.UTC(2026, 0, 15, 23),
  values: { 'power/current-usage': SUMMARY },
};

/** What is written of a reading or an interval. */
function written(format: keyof typeof FORMATS, what: 'reading' | 'interval'): string {
  const rows = FORMATS[format](localTimeOf('Europe/Vienna'), what === 'reading');
  const series = [...SERIES, { device: 'house', path: 'power/current-usage', unit: 'W' as const }];
  return rows.head(what === 'reading' ? SERIES : series) + (what === 'reading' ? rows.reading(READING) : rows.interval(INTERVAL));
}

test('CSV: a column for each property with its unit, a row for each instant; texts are quoted, times in UTC', () => {
  assert.equal(
    written('csv', 'reading'),
    'time_utc,time_local,meter,energy/imported-total (Wh),messages/text\r\n' +
      '2026-01-15T12:00:00Z,2026-01-15T13:00:00+01:00,house,4248198,"say ""hi"",\nall"\r\n',
  );
});

test('CSV of intervals: a row for each property', () => {
  assert.equal(
    written('csv', 'interval'),
    'from_utc,to_utc,meter,property,unit,count,first,last,min,max,mean\r\n' +
      '2026-01-14T23:00:00Z,2026-01-15T23:00:00Z,house,power/current-usage,W,3,1,3,0.5,3.25,2\r\n',
  );
});

test('JSON: an object a line', () => {
  assert.equal(
    written('json', 'reading'),
    '{"time":"2026-01-15T12:00:00Z","device":"house","values":{"messages/text":"say \\"hi\\",\\nall","energy/imported-total":4248198}}\n',
  );
  assert.equal(
    written('json', 'interval'),
    '{"from":"2026-01-14T23:00:00Z","to":"2026-01-15T23:00:00Z","device":"house","values":{"power/current-usage":' +
      '{"count":3,"first":1,"last":3,"min":0.5,"max":3.25,"mean":2}}}\n',
  );
});

test('line protocol: a measurement for each node, a field for each property, in nanoseconds', () => {
  assert.equal(
    written('line-protocol', 'reading'),
    'messages,device=house text="say \\"hi\\", all" 1768478400000000000\n' +
      'energy,device=house imported_total=4248198 1768478400000000000\n',
  );
  assert.equal(
    written('line-protocol', 'interval'),
    'power,device=house current_usage_count=3,current_usage_first=1,current_usage_last=3,current_usage_min=0.5,' +
      'current_usage_max=3.25,current_usage_mean=2 1768431600000000000\n',
  );
});
