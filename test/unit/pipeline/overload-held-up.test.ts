import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../../../src/model/ports.js';
import { Watchdog } from '../../../src/pipeline/watchdog.js';
import { FakeClock } from '../../support/fake-clock.js';

const PERIOD_MS = 10_000;
const SILENT_MS = 3 * PERIOD_MS;

test('a process that was held up gives its meter another period before it calls it silent', async () => {
  const fake = new FakeClock();
  let heldUpMs = 0;
  const clock: Clock = {
    now: () => fake.now() + heldUpMs,
    monotonic: () => fake.monotonic() + heldUpMs,
    sleep: (ms, signal) => fake.sleep(ms, signal),
  };
  const watchdog = new Watchdog(clock, PERIOD_MS);
  let silent = false;
  const silence = watchdog.silence(new AbortController().signal).then(() => (silent = true));
  await fake.advance(10_000);
  heldUpMs = 3_600_000;
  await fake.advance(20_000);
  assert.equal(silent, false, 'what came meanwhile is yet to be read');
  await fake.advance(PERIOD_MS - 1);
  assert.equal(silent, false);
  await fake.advance(1);
  await silence;
});

test('a wait that ends a little late is silence all the same', async () => {
  const fake = new FakeClock();
  const clock: Clock = {
    now: () => fake.now(),
    monotonic: () => fake.monotonic(),
    sleep: (ms, signal) => fake.sleep(ms + 100, signal),
  };
  const watchdog = new Watchdog(clock, PERIOD_MS);
  const silence = watchdog.silence(new AbortController().signal);
  await fake.advance(SILENT_MS + 100);
  await silence;
  assert.equal(fake.sleeping, 0);
});
