import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Values } from '../../../src/model/reading.js';
import { deliver } from '../../../src/pipeline/deliver.js';
import { Deliveries } from '../../../src/pipeline/figures.js';
import { everyMailbox, latestMailbox, type Mailbox } from '../../../src/pipeline/mailbox.js';
import { FakeClock } from '../../support/fake-clock.js';
import { health, reading } from '../../support/items.js';
import { RecordingLogger } from '../../support/logger.js';
import { Store, type Ending } from '../../support/store.js';

const RUNS = 150;
const PATHS = ['energy/imported-total', 'power/current-usage', 'meter/serial-number'];

/** What happens to a sink, one thing after the other: a reading with some of the properties, a health, time passes, the connection breaks. */
type Step = { readonly reads: readonly string[] } | 'health' | 'breaks' | { readonly passesMs: number };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ reads: fc.subarray(PATHS, { minLength: 1 }) }, { noNullPrototype: true }) },
    { weight: 2, arbitrary: fc.constant<Step>('health') },
    { weight: 1, arbitrary: fc.constant<Step>('breaks') },
    { weight: 3, arbitrary: fc.record({ passesMs: fc.constantFrom(0, 1, 700, 10_000, 40_000) }, { noNullPrototype: true }) },
  ),
  { maxLength: 40 },
);
const endings = fc.array(fc.constantFrom<Ending>('well', 'well', 'lost', 'bug', 'never', 'half'), { maxLength: 30 });

/** Plays the steps to a store whose first calls end as planned, and all later ones well. @returns the newest value of each property */
async function play(story: readonly Step[], plan: readonly Ending[], open: (clock: FakeClock) => Mailbox) {
  const clock = new FakeClock();
  const mailbox = open(clock);
  const remaining = [...plan];
  const store = new Store(() => remaining.shift() ?? 'well');
  const log = new RecordingLogger();
  const ended = deliver(
    { sink: store, mailbox, clock, log, random: () => 1, deliveries: new Deliveries() },
    new AbortController().signal,
  );
  const newest: Record<string, number> = {};
  const offer = (paths: readonly string[], make: (values: Values) => Parameters<Mailbox['offer']>[0]): void => {
    const values = Object.fromEntries(paths.map((path) => [path, ++count]));
    Object.assign(newest, values);
    mailbox.offer(make(values));
  };
  let count = 0;
  for (const step of story) {
    if (step === 'health') offer(['meter/serial-number', 'meter/status'], (values) => ({ ...health(), values }));
    else if (step === 'breaks') store.breakConnection();
    else if ('reads' in step) offer(step.reads, reading);
    else await clock.advance(step.passesMs);
  }
  // The longest that any plan can take: each call hangs, and is followed by the longest wait.
  await clock.advance(plan.length * 2 * 60_000 + 60_000);
  assert.equal(mailbox.length, 0);
  mailbox.close();
  await ended;
  assert.equal(clock.sleeping, 0);
  return { store, newest, mailbox, offered: count };
}

for (const everyMs of [0, 10_000]) {
  const sink = everyMs === 0 ? 'a sink of newest values' : 'a sink that is thinned';
  test(`whatever fails in whatever order, ${sink} ends with the newest of each property and never goes back`, async () => {
    await fc.assert(
      fc.asyncProperty(steps, endings, async (story, plan) => {
        const { store, newest } = await play(story, plan, (clock) => latestMailbox(clock, everyMs));
        assert.deepEqual(new Map(Object.entries(store.holds).sort()), new Map(Object.entries(newest).sort()));
        assertNeverOlder(store.written);
        assert.ok(store.largest <= 2, 'one reading and one health');
      }),
      { numRuns: RUNS },
    );
  });
}

test('whatever fails in whatever order, a sink of all items misses only what was dropped, the oldest, and gets the rest in order', async () => {
  await fc.assert(
    fc.asyncProperty(steps, endings, fc.integer({ min: 1, max: 50 }), async (story, plan, capacity) => {
      const { store, mailbox, offered } = await play(story, plan, (clock) => everyMailbox(clock, capacity, 5));
      const stored = [...new Set(store.written.map(([, value]) => Number(value)))];
      assert.deepEqual(
        stored,
        [...stored].sort((a, b) => a - b),
      );
      assert.ok(offered === 0 || stored.at(-1) === offered, 'the newest');
      if (mailbox.dropped === 0) assert.equal(stored.length, offered);
    }),
    { numRuns: RUNS },
  );
});

function assertNeverOlder(written: Store['written']): void {
  const last = new Map<string, number>();
  for (const [path, value] of written) {
    assert.ok(Number(value) >= (last.get(path) ?? 0), `${path}: ${String(value)} after ${last.get(path)}`);
    last.set(path, Number(value));
  }
}
