import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COLOURED, PLAIN } from '../../../../src/commands/paint.js';
import type { View } from '../../../../src/commands/watch/board.js';
import { renderView, repaint } from '../../../../src/commands/watch/render.js';

const VIEW: View = {
  title: 't210 · Stromzähler',
  source: '/dev/p1',
  state: 'ok',
  detail: 'ok',
  identity: 'EST5\\253700000_A, 5341473500123456',
  readings: 97,
  faults: 3,
  everyMs: 10_040,
  rows: [
    { path: 'energy/imported-total', value: 4_204_204, unit: 'Wh', ageMs: 3_200, perHour: 421.4 },
    { path: 'power/current-usage', value: 420, unit: 'W', ageMs: 3_200 },
    { path: 'gas-1/volume', value: 1234.567, unit: 'm³', ageMs: 1_500_000, perHour: 0.25 },
    { path: 'tariff/current', value: '0001', unit: '' },
  ],
};
const WIDE = { columns: 100, rows: 40 };

test('a picture shows values, units, ages, growth and the share of faults', () => {
  assert.equal(
    renderView(VIEW, WIDE, PLAIN).join('\n'),
    `t210 · Stromzähler
from /dev/p1
ok
EST5\\253700000_A, 5341473500123456
97 readings, one every 10.0 s; 3 faults (3.0 %)

energy/imported-total   4204204 Wh  3 s     +421 Wh/h
power/current-usage         420 W   3 s
gas-1/volume           1234.567 m³  25 min  +0.25 m³/h
tariff/current         0001         stored`,
  );
});

test('before anything was heard it says so', () => {
  const empty: View = {
    ...VIEW,
    state: 'waiting',
    detail: 'waiting for the first reading',
    identity: '',
    readings: 0,
    faults: 0,
    rows: [],
  };
  const { everyMs: _, ...view } = empty;
  assert.equal(
    renderView(view, WIDE, PLAIN).join('\n'),
    `t210 · Stromzähler
from /dev/p1
waiting: waiting for the first reading
0 readings; 0 faults

nothing was heard yet`,
  );
});

test('nothing is wider or higher than the screen, and what is left out is counted', () => {
  const lines = renderView({ ...VIEW, state: 'failing', detail: 'x'.repeat(200) }, { columns: 30, rows: 9 }, PLAIN);
  assert.equal(lines.length, 8);
  assert.ok(lines.slice(0, -1).every((line) => line.length <= 30));
  assert.equal(lines.at(-2), 'energy/imported-total   42042…');
  assert.equal(lines.at(-1), '… and 3 more; a higher window shows them');
});

test('a good state is green, a bad one red, one that is open yellow, and what is stale is dim', () => {
  const colourOf = (state: string): string | undefined =>
    /\[(\d+)m/.exec(renderView({ ...VIEW, state, detail: '' }, WIDE, COLOURED)[2] ?? '')?.[1];
  assert.deepEqual(['ok', 'ready', 'waiting', 'init', 'alert', 'silent', 'lost'].map(colourOf), [
    '32',
    '32',
    '33',
    '33',
    '31',
    '31',
    '31',
  ]);
  const lines = renderView(VIEW, WIDE, COLOURED);
  assert.ok(lines.find((line) => line.includes('gas-1'))?.startsWith('\x1b[2m'));
  assert.ok(lines.find((line) => line.includes('power/'))?.startsWith('power'));
});

test('a picture is drawn in place of the one before', () => {
  assert.equal(repaint(['a', 'b'], 0), 'a\nb\n');
  assert.equal(repaint(['c'], 2), '\x1b[2A\r\x1b[Jc\n');
});
