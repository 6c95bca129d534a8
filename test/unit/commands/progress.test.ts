import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Progress } from '../../../src/commands/progress.js';
import { FakeClock } from '../../support/fake-clock.js';

test('in a terminal a bar is drawn over itself, no more than five times a second, fits, and goes away', async () => {
  const clock = new FakeClock();
  const written: string[] = [];
  const screen = { columns: 80, rows: 24 };
  const progress = new Progress(
    (text) => written.push(text),
    clock,
    () => screen,
  );
  progress.update(0, 0);
  await clock.advance(200);
  progress.update(0.5, 1_000);
  progress.update(0.6, 1_200);
  screen.columns = 40;
  await clock.advance(200);
  progress.update(1, 2_000);
  progress.clear();
  assert.deepEqual(written, [
    '\r\x1b[K[###############...............]  50 % 1000 readings, 5000 a second',
    '\r\x1b[K[##############################] 100 % ',
    '\r\x1b[K',
  ]);
});

test('elsewhere it is a line every ten seconds, without a share where nobody knows the whole', async () => {
  const clock = new FakeClock();
  const written: string[] = [];
  const progress = new Progress((text) => written.push(text), clock);
  for (let second = 0; second < 25; second++) {
    await clock.advance(1_000);
    progress.update(second < 15 ? second / 25 : undefined, second * 10);
  }
  progress.clear();
  assert.deepEqual(written, ['36 % 90 readings, 9 a second\n', '190 readings, 10 a second\n']);
});
