import assert from 'node:assert/strict';
import { test } from 'node:test';
import { projectDemand } from '../../../../src/clients/p1/demand.js';

const QUARTER = Date.parse('2026-03-01T12:15:00Z');

const project = (
  minutes: number,
  said: { demand: number; power: number; peak?: number; floor?: number; periodSeconds?: number },
) => projectDemand({ peak: undefined, floor: 0, periodSeconds: 900, ...said, measuredAt: QUARTER + minutes * 60_000 });

test('a quarter ends with what was counted so far and the power of now for the rest of it', () => {
  // 2 kW for five minutes are 667 W of the whole quarter; 3 kW for the other ten are 2000 W more.
  assert.deepEqual(project(5, { demand: 667, power: 3_000 }), { 'demand/projected': 2_667 });
  assert.deepEqual(project(15 - 1 / 60, { demand: 2_000, power: 9_000 }), { 'demand/projected': 2_010 });
});

test('it is warned of a demand above the peak of the month, before it is reached', () => {
  const said = { demand: 1_000, power: 4_500, peak: 3_900 };
  assert.deepEqual(project(5, said), { 'demand/projected': 4_000, 'demand/warning': true });
  assert.deepEqual(project(5, { ...said, power: 4_200 }), { 'demand/projected': 3_800, 'demand/warning': false });
});

test('a demand that is the peak exactly is no new one', () => {
  assert.equal(project(5, { demand: 1_000, power: 4_500, peak: 4_000 })['demand/warning'], false);
});

test('a demand below the floor costs nothing', () => {
  const said = { demand: 500, power: 2_000, peak: 0 };
  assert.equal(project(5, { ...said, floor: 2_500 })['demand/warning'], false);
  assert.equal(project(5, { ...said, floor: 1_500 })['demand/warning'], true);
});

test('in the first minute of a quarter there is no warning: its demand is the power of a moment', () => {
  const said = { demand: 10, power: 9_000, peak: 3_000 };
  assert.equal(project(59 / 60, said)['demand/warning'], false);
  assert.equal(project(1, said)['demand/warning'], true);
});

test('a period may have another length', () => {
  assert.deepEqual(project(30, { demand: 1_000, power: 2_000, periodSeconds: 3_600 }), { 'demand/projected': 1_500 });
});
