import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Board } from '../../../../src/commands/watch/board.js';
import type { Device } from '../../../../src/model/device.js';
import { NO_FIGURES, type Fault, type Health, type Reading, type Values } from '../../../../src/model/reading.js';

const DEVICE: Device = {
  id: 'meter',
  name: 'Meter',
  nodes: {
    energy: {
      name: 'Energy',
      type: 'energy',
      properties: { total: { name: 'Total', datatype: 'integer', unit: 'Wh', quantity: 'energy', kind: 'total' } },
    },
    power: {
      name: 'Power',
      type: 'power',
      properties: { usage: { name: 'Usage', datatype: 'integer', unit: 'W', quantity: 'power', kind: 'instant' } },
    },
  },
};

const board = (): Board => new Board({ title: 'meter', source: '/dev/p1' });
const reading = (values: Values): Reading => ({ kind: 'reading', device: DEVICE, receivedAt: 0, values });
const FAULT: Fault = { kind: 'fault', device: 'meter', at: 0, what: 'checksum', detail: '' };
const health = (state: Health['state'], detail: string): Health => ({
  kind: 'health',
  device: DEVICE,
  at: 0,
  state,
  detail,
  figures: NO_FIGURES,
  values: { 'meter/status': detail },
});

test('readings are counted and paced, values have units and ages, totals grow by the hour', () => {
  const watched = board();
  watched.observe(health('waiting', 'waiting for the first reading'), 0);
  assert.equal(watched.hasValues, false);
  watched.observe(reading({ 'energy/total': 1_000, 'power/usage': 360, 'meter/manufacturer': 'A', 'meter/model': 'B' }), 0);
  watched.observe(health('ok', 'ok'), 0);
  watched.observe(FAULT, 5_000);
  watched.observe(reading({ 'energy/total': 1_001, 'power/usage': 360 }), 10_000);
  watched.observe(reading({ 'energy/total': 1_002 }), 20_000);
  assert.equal(watched.hasValues, true);
  assert.deepEqual(watched.view(21_000), {
    title: 'meter',
    source: '/dev/p1',
    state: 'ok',
    detail: 'ok',
    identity: 'A, B',
    readings: 3,
    faults: 1,
    everyMs: 10_000,
    rows: [
      { path: 'energy/total', value: 1_002, unit: 'Wh', ageMs: 1_000, perHour: 360 },
      { path: 'power/usage', value: 360, unit: 'W', ageMs: 11_000 },
    ],
  });
});

test('what has a time of its own is no reading more', () => {
  const watched = board();
  watched.observe(reading({ 'power/usage': 1 }), 0);
  watched.observe({ ...reading({ 'energy/total': 1 }), timing: 'own', measuredAt: 0 }, 0);
  assert.equal(watched.view(0).readings, 1);
});

test('of a broker the counts are those of the service, and the age of what it had stored is unknown', () => {
  const watched = board();
  watched.unit('energy/total', 'Wh');
  watched.value('energy/total', 5);
  watched.value('meter/readings', 120);
  watched.value('meter/faults', 3);
  watched.state('ready', '');
  const { readings, faults, state, rows } = watched.view(1_000);
  assert.deepEqual([readings, faults, state], [120, 3, 'ready']);
  assert.deepEqual(rows, [{ path: 'energy/total', value: 5, unit: 'Wh' }]);
  watched.value('energy/total', 6, 2_000);
  assert.equal(watched.view(2_500).rows[0]?.ageMs, 500);
});
