import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fault, Reading } from '../../../src/model/reading.js';
import type { Client } from '../../../src/pipeline/client.js';
import { collect, type Envelope } from '../../../src/pipeline/collect.js';
import { Meter } from '../../../src/pipeline/meter.js';
import { Queue } from '../../../src/pipeline/queue.js';
import { FakeClock, settle } from '../../support/fake-clock.js';
import { reading } from '../../support/items.js';
import { RecordingLogger } from '../../support/logger.js';
import { MemoryState } from '../../support/state.js';

const PERIOD_MS = 10_000;
const SILENT_MS = 3 * PERIOD_MS;

/** Runs a client that hangs in each attempt, deaf to its signal, until the test lets it go on. */
function runHanging(afterwards: readonly (Reading | Fault)[] = [], first: readonly Reading[] = [reading({ n: 1 })]) {
  const clock = new FakeClock();
  const log = new RecordingLogger();
  const stop = new AbortController();
  const queue = new Queue<Envelope>(100);
  const calls: string[] = [];
  let letGo = (): void => undefined;
  const client: Client = {
    periodMs: PERIOD_MS,
    toleratedFaults: 2,
    async *readings() {
      calls.push('open');
      try {
        yield* first;
        await new Promise<void>((resolve) => (letGo = resolve));
        yield* afterwards;
      } finally {
        calls.push('close');
      }
    },
  };
  const device = { id: 'test-meter', name: 'Test meter' };
  const meter = new Meter({ device, fingerprint: '', toleratedFaults: 2, clock, log, state: new MemoryState() });
  const ended = collect({ environment: 'test', client, meter, queue, clock, log, random: () => 1 }, stop.signal);
  const take = async (): Promise<string[]> => {
    const taken: string[] = [];
    while (queue.length > 0) {
      const item = (await queue.take(new AbortController().signal))?.item;
      if (item) taken.push(item.kind === 'health' ? item.state : item.kind);
    }
    return taken;
  };
  return {
    clock,
    log,
    stop,
    calls,
    ended,
    take,
    letGo: (): void => {
      letGo();
    },
  };
}

test('a client that is deaf to its signal does not hold up a stop for more than a second', async () => {
  const { clock, log, stop, ended } = runHanging();
  await settle();
  let over = false;
  void ended.then(() => (over = true));
  stop.abort();
  await clock.advance(999);
  assert.equal(over, false);
  await clock.advance(1);
  await ended;
  assert.deepEqual(log.of('error'), ['the client was told to end and does not; it is started again when it has']);
  assert.equal(clock.sleeping, 0);
});

test('a client that hangs is said to, never called a second time meanwhile, and called again when it has ended', async () => {
  const { clock, log, stop, calls, ended, take, letGo } = runHanging();
  await clock.advance(SILENT_MS + 9_999);
  assert.deepEqual(log.of('error'), []);
  await clock.advance(1);
  assert.deepEqual(log.of('error'), ['the client was told to end and does not; it is started again when it has']);
  assert.deepEqual(await take(), ['waiting', 'reading', 'ok', 'silent', 'failing']);
  await clock.advance(86_400_000);
  assert.deepEqual(calls, ['open']);
  letGo();
  await clock.advance(1_000);
  assert.deepEqual(calls, ['open', 'close', 'open']);
  assert.deepEqual(await take(), ['reading', 'ok']);
  stop.abort();
  await clock.advance(1_000);
  await ended;
});

test('what a client that hung yields in the end is not used, and its link is closed', async () => {
  const { clock, stop, calls, ended, take, letGo } = runHanging([reading({ n: 2 }), reading({ n: 3 })]);
  await clock.advance(SILENT_MS + 10_000);
  await take();
  letGo();
  await settle();
  assert.deepEqual(calls, ['open', 'close']);
  assert.deepEqual(await take(), []);
  stop.abort();
  await ended;
});

test('a client that hung while the program stopped puts nothing into the closed queue', async () => {
  const { clock, stop, calls, ended, take, letGo } = runHanging([reading({ n: 2 })]);
  await settle();
  stop.abort();
  await clock.advance(1_000);
  await ended;
  await take();
  letGo();
  await settle();
  assert.deepEqual(calls, ['open', 'close']);
  assert.deepEqual(await take(), []);
});

test('a client that hangs five times without a reading is given up', async () => {
  const { clock, calls, ended, letGo } = runHanging([], []);
  const failed = assert.rejects(ended, /the client hangs, again and again/);
  for (let n = 0; n < 5; n++) {
    await clock.advance(SILENT_MS + 10_000);
    letGo();
    await clock.advance(60_000);
  }
  await failed;
  assert.equal(calls.filter((call) => call === 'open').length, 5);
});
