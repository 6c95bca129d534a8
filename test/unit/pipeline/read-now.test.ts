import assert from 'node:assert/strict';
import { test } from 'node:test';
import { READ_NOW_GAP_MS, readNow } from '../../../src/pipeline/read-now.js';
import { FakeClock } from '../../support/fake-clock.js';
import { RecordingLogger } from '../../support/logger.js';

test('a meter that is polled is asked at once', () => {
  const log = new RecordingLogger();
  const asked: number[] = [];
  readNow({ ask: (afterMs) => asked.push(afterMs) }, new FakeClock(), log)();
  assert.deepEqual(asked, [0]);
  assert.deepEqual(log.of('info'), ['asked for a reading now']);
});

test('a flood of requests asks a meter every ten seconds, and is said once each time', async () => {
  const clock = new FakeClock();
  const log = new RecordingLogger();
  const asked: number[] = [];
  const request = readNow({ ask: () => asked.push(clock.monotonic()) }, clock, log);
  for (let second = 0; second < 20; second++) {
    request();
    await clock.advance(1_000);
  }
  assert.equal(READ_NOW_GAP_MS, 10_000);
  assert.deepEqual(asked, [0, 10_000]);
  const refused = 'not asked again: a meter is asked at most every 10 s';
  assert.deepEqual(log.of('info'), ['asked for a reading now', refused, 'asked for a reading now', refused]);
});

test('of a meter that pushes it is said that it cannot be asked', () => {
  const log = new RecordingLogger();
  readNow({}, new FakeClock(), log)();
  assert.deepEqual(log.of('info'), ['a reading now was asked for, but this meter sends when it wants to']);
});
