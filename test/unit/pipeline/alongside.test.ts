import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LinkError } from '../../../src/model/errors.js';
import { runAlongside } from '../../../src/pipeline/alongside.js';
import type { Client } from '../../../src/pipeline/client.js';
import { wait } from '../../../src/transports/wait.js';
import { FakeClock, settle } from '../../support/fake-clock.js';
import { RecordingLogger } from '../../support/logger.js';

/** Runs what a client does beside its readings; `attempt` counts from 1. */
function run(work: (stop: AbortSignal, attempt: number) => Promise<void>) {
  const clock = new FakeClock();
  const log = new RecordingLogger();
  const stop = new AbortController();
  let attempts = 0;
  const client: Client = {
    periodMs: 10_000,
    toleratedFaults: 2,
    readings: async function* () {},
    alongside: (signal) => work(signal, ++attempts),
  };
  return {
    clock,
    log,
    stop,
    attempts: () => attempts,
    ended: runAlongside({ client, clock, log, random: () => 1 }, stop.signal),
  };
}

test('what cannot go on is tried again with growing waits, and said once', async () => {
  const { clock, log, stop, ended, attempts } = run(async (signal, attempt) => {
    if (attempt < 4) throw new LinkError('cannot listen on 127.0.0.1:2001');
    await wait(signal, () => undefined);
  });
  await settle();
  for (const [ms, expected] of [
    [999, 1],
    [1, 2],
    [1_999, 2],
    [1, 3],
    [4_000, 4],
    [600_000, 4],
  ] as const) {
    await clock.advance(ms);
    assert.equal(attempts(), expected);
  }
  assert.deepEqual(log.of('warn'), ['cannot listen on 127.0.0.1:2001; trying again until it works']);
  stop.abort();
  await ended;
  assert.equal(clock.sleeping, 0);
});

test('a bug is logged with its stack, and ends neither the program nor the tries', async () => {
  const { clock, log, stop, ended, attempts } = run(async () => {
    throw new TypeError('a bug');
  });
  await clock.advance(3_600_000);
  assert.ok(attempts() > 50, `${attempts()} attempts`);
  assert.equal(log.lines.length, 1);
  assert.match(String(log.lines[0]?.fields.error), /TypeError: a bug\n\s+at /);
  stop.abort();
  await ended;
  assert.equal(clock.sleeping, 0);
});

test('nothing is said of a failure that comes of being stopped', async () => {
  const { log, stop, ended } = run(async (signal) => {
    await wait(signal, () => undefined);
    throw new LinkError('stopped');
  });
  stop.abort();
  await ended;
  assert.deepEqual(log.lines, []);
});
