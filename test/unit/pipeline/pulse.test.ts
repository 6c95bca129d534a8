import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collect, type Envelope } from '../../../src/pipeline/collect.js';
import { Meter } from '../../../src/pipeline/meter.js';
import { Pulse } from '../../../src/pipeline/pulse.js';
import { Queue } from '../../../src/pipeline/queue.js';
import { FakeClock, settle } from '../../support/fake-clock.js';
import { reading } from '../../support/items.js';
import { RecordingLogger } from '../../support/logger.js';
import { MemoryState } from '../../support/state.js';

test('a pipeline that waits on the outside for days moves', async () => {
  const clock = new FakeClock();
  const pulse = new Pulse(clock);
  pulse.watch('nothing is handed on');
  await clock.advance(7 * 86_400_000);
  assert.deepEqual(pulse.stuckFor(60_000), []);
});

test('work that lasts is stuck, and moves again when it ends', async () => {
  const clock = new FakeClock();
  const pulse = new Pulse(clock);
  const work = pulse.watch('nothing is handed on');
  work.begin();
  await clock.advance(59_999);
  assert.deepEqual(pulse.stuckFor(60_000), []);
  await clock.advance(1);
  assert.deepEqual(pulse.stuckFor(60_000), ['nothing is handed on']);
  work.end();
  assert.deepEqual(pulse.stuckFor(60_000), []);
});

test('one piece of work after the other is not stuck', async () => {
  const clock = new FakeClock();
  const pulse = new Pulse(clock);
  const work = pulse.watch('nothing is handed on');
  for (let n = 0; n < 100; n++) {
    work.begin();
    await clock.advance(10_000);
  }
  assert.deepEqual(pulse.stuckFor(60_000), []);
});

test('items that nobody takes from the queue are stuck, those that are taken one by one are not', async () => {
  const clock = new FakeClock();
  const pulse = new Pulse(clock);
  const { signal } = new AbortController();
  const queue = new Queue<number>(10, pulse.watch('nothing is handed on'));
  for (const n of [1, 2, 3]) await queue.put(n, signal);
  for (let n = 0; n < 2; n++) {
    await clock.advance(40_000);
    await queue.take(signal);
  }
  assert.deepEqual(pulse.stuckFor(60_000), []);
  await clock.advance(60_000);
  assert.deepEqual(pulse.stuckFor(60_000), ['nothing is handed on']);
  await queue.take(signal);
  await clock.advance(60_000);
  assert.deepEqual(pulse.stuckFor(60_000), []);
});

test('a meter whose client neither reads nor ends is called silent all the same, and the client stuck', async () => {
  const clock = new FakeClock();
  const pulse = new Pulse(clock);
  const log = new RecordingLogger();
  const stop = new AbortController();
  let letGo = (): void => undefined;
  const hanging = new Promise<void>((resolve) => (letGo = resolve));
  const client = {
    periodMs: 10_000,
    toleratedFaults: 2,
    async *readings() {
      yield reading();
      await hanging;
    },
  };
  const device = { id: 'test-meter', name: 'Test meter' };
  const meter = new Meter({ device, fingerprint: '', toleratedFaults: 2, clock, log, state: new MemoryState() });
  const queue = new Queue<Envelope>(100);
  const ended = collect(
    {
      environment: 'test',
      client,
      meter,
      queue,
      clock,
      log,
      random: () => 1,
      ending: pulse.watch('the client does not end'),
    },
    stop.signal,
  );
  await clock.advance(30_000);
  const states: string[] = [];
  while (queue.length > 0) {
    const item = (await queue.take(stop.signal))?.item;
    if (item) states.push(item.kind === 'health' ? item.state : item.kind);
  }
  assert.deepEqual(states, ['waiting', 'reading', 'ok', 'silent']);
  await clock.advance(59_999);
  assert.deepEqual(pulse.stuckFor(60_000), []);
  await clock.advance(1);
  assert.deepEqual(pulse.stuckFor(60_000), ['the client does not end']);
  letGo();
  await settle();
  assert.deepEqual(pulse.stuckFor(0), []);
  stop.abort();
  await ended;
});
