import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LinkEnded, LinkError } from '../../../src/model/errors.js';
import type { Fault, QueueItem, Reading } from '../../../src/model/reading.js';
import type { Client } from '../../../src/pipeline/client.js';
import { collect, type Envelope } from '../../../src/pipeline/collect.js';
import { Meter } from '../../../src/pipeline/meter.js';
import { Queue } from '../../../src/pipeline/queue.js';
import { FakeClock, settle } from '../../support/fake-clock.js';
import { fault, reading } from '../../support/items.js';
import { RecordingLogger } from '../../support/logger.js';
import { MemoryState } from '../../support/state.js';

type Readings = (stop: AbortSignal, attempt: number) => AsyncIterable<Reading | Fault>;

/** Runs a client made of a generator and collects what reaches the queue. */
function run(readings: Readings) {
  const clock = new FakeClock();
  const log = new RecordingLogger();
  const stop = new AbortController();
  const queue = new Queue<Envelope>(100);
  let attempts = 0;
  const client: Client = { periodMs: 10_000, toleratedFaults: 2, readings: (signal) => readings(signal, ++attempts) };
  const device = { id: 'test-meter', name: 'Test meter' };
  const meter = new Meter({ device, fingerprint: '', toleratedFaults: 2, clock, log, state: new MemoryState() });
  const ended = collect({ environment: 'test', client, meter, queue, clock, log, random: () => 1 }, stop.signal);
  const taken: QueueItem[] = [];
  const states = async (): Promise<string[]> => {
    await settle();
    while (queue.length > 0) {
      const envelope = await queue.take(stop.signal);
      if (envelope) taken.push(envelope.item);
    }
    return taken.map((item) => (item.kind === 'health' ? item.state : item.kind));
  };
  return { clock, log, stop, ended, states, attempts: () => attempts };
}

/** Waits like a link on which nothing comes. */
const nothing = (stop: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    stop.addEventListener('abort', () => {
      reject(new DOMException('aborted', 'AbortError'));
    });
  });

test('health comes first, then what the client reads', async () => {
  const { ended, states } = run(async function* () {
    yield reading();
    yield fault();
  });
  await ended;
  assert.deepEqual(await states(), ['waiting', 'reading', 'ok', 'fault']);
});

test('a recording that has ended is not opened again', async () => {
  const { ended, states, attempts, log } = run(async function* () {
    yield reading();
    throw new LinkEnded('end of a.capture: nothing more was recorded');
  });
  await ended;
  assert.deepEqual(await states(), ['waiting', 'reading', 'ok']);
  assert.equal(attempts(), 1);
  assert.deepEqual(log.of('info').at(-1), 'end of a.capture: nothing more was recorded');
});

test('a lost link is opened again with growing waits, and said once', async () => {
  const { clock, states, attempts, stop, ended, log } = run(async function* (signal, attempt) {
    if (attempt < 4) throw new LinkError('cannot open /dev/p1');
    yield reading();
    await nothing(signal);
  });
  await settle();
  for (const [ms, expected] of [
    [999, 1],
    [1, 2],
    [1_999, 2],
    [1, 3],
    [4_000, 4],
  ] as const) {
    await clock.advance(ms);
    assert.equal(attempts(), expected);
  }
  assert.deepEqual(await states(), ['waiting', 'failing', 'reading', 'ok']);
  assert.deepEqual(log.of('warn'), ['meter failing: cannot open /dev/p1']);
  stop.abort();
  await ended;
  assert.equal(clock.sleeping, 0);
});

test('a silent meter is told after three periods and its link opened afresh', async () => {
  const { clock, states, attempts, stop, ended } = run(async function* (signal) {
    yield reading();
    await nothing(signal);
  });
  await clock.advance(29_999);
  assert.deepEqual(await states(), ['waiting', 'reading', 'ok']);
  await clock.advance(1);
  assert.deepEqual(await states(), ['waiting', 'reading', 'ok', 'silent']);
  await clock.advance(1_000);
  assert.equal(attempts(), 2);
  assert.deepEqual(await states(), ['waiting', 'reading', 'ok', 'silent', 'reading', 'ok']);
  stop.abort();
  await ended;
  assert.equal(clock.sleeping, 0);
});

test('a meter that says only nonsense is not silent', async () => {
  const { clock, states, stop, ended, attempts } = run(async function* (signal) {
    for (;;) {
      yield fault();
      await clock.sleep(10_000, signal);
    }
  });
  await clock.advance(65_000);
  assert.equal(attempts(), 1);
  assert.deepEqual(
    (await states()).filter((state) => state !== 'fault'),
    ['waiting', 'failing'],
  );
  stop.abort();
  await ended;
});

test('a crash is logged with its stack and the client restarted', async () => {
  const { clock, states, stop, ended, log } = run(async function* (signal, attempt) {
    if (attempt === 1) throw new TypeError('a bug');
    yield reading();
    await nothing(signal);
  });
  await clock.advance(1_000);
  assert.deepEqual(await states(), ['waiting', 'failing', 'reading', 'ok']);
  assert.match(String(log.lines.find(({ level }) => level === 'error')?.fields.error), /TypeError: a bug\n\s+at /);
  stop.abort();
  await ended;
});

test('a client that crashes five times without a reading is given up', async () => {
  const { clock, ended, attempts } = run(async function* () {
    throw new TypeError('a bug');
  });
  const failed = assert.rejects(ended, /a bug/);
  await clock.advance(600_000);
  await failed;
  assert.equal(attempts(), 5);
});

test('stopping ends a read that is under way, and a wait before the next', async () => {
  const reader = run(async function* (signal) {
    yield reading();
    await nothing(signal);
  });
  await settle();
  reader.stop.abort();
  await reader.ended;
  const waiter = run(async function* () {
    throw new LinkError('cannot open /dev/p1');
  });
  await settle();
  waiter.stop.abort();
  await waiter.ended;
  assert.equal(reader.clock.sleeping + waiter.clock.sleeping, 0);
});

test('a thousand lost links leave no timer behind', async () => {
  const { clock, attempts, stop, ended } = run(async function* () {
    throw new LinkError('cannot open /dev/p1');
  });
  for (let n = 0; n < 1_000; n++) await clock.advance(60_000);
  assert.ok(attempts() > 1_000);
  assert.equal(clock.sleeping, 1);
  stop.abort();
  await ended;
  assert.equal(clock.sleeping, 0);
});
