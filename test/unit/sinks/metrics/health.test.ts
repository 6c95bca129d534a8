import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_FIGURES } from '../../../../src/model/reading.js';
import type { MeterStatus } from '../../../../src/pipeline/figures.js';
import { healthPage } from '../../../../src/sinks/metrics/health.js';

const meter = (id: string, changes: Partial<MeterStatus> = {}): MeterStatus => ({
  device: { id, name: id },
  state: 'ok',
  detail: 'ok',
  figures: NO_FIGURES,
  ageMs: 4_400,
  oldestMs: 120_000,
  ...changes,
});

test('while all meters are fresh the page is well, with the age of each last reading', () => {
  const waiting = meter('heat', { state: 'waiting', detail: 'waiting for the first reading', ageMs: undefined });
  assert.deepEqual(healthPage([meter('power'), waiting]), {
    status: 200,
    type: 'text/plain; charset=utf-8',
    text: 'power: ok, last reading 4 s ago\nheat: waiting for the first reading\n',
  });
});

test('one meter that is silent, failing or stale makes it 503, and it says which and why', () => {
  const silent = meter('heat', { state: 'silent', detail: 'no answer: no byte for 4 s' });
  assert.equal(healthPage([meter('power'), silent]).status, 503);
  assert.equal(
    healthPage([meter('power'), silent]).text,
    'power: ok, last reading 4 s ago\nheat: silent: no answer: no byte for 4 s\n',
  );
  assert.equal(healthPage([meter('power', { state: 'failing', detail: 'cannot open /dev/p1' })]).status, 503);
  const stale = healthPage([meter('power', { ageMs: 200_000 })]);
  assert.deepEqual([stale.status, stale.text], [503, 'power: stale: no reading for 200 s\n']);
});
