import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LinkError, RejectedError } from '../../../src/model/errors.js';
import { NO_FIGURES } from '../../../src/model/reading.js';
import { complaintAbout, Deliveries, Ledger, type MeterStatus } from '../../../src/pipeline/figures.js';
import { everyMailbox, latestMailbox } from '../../../src/pipeline/mailbox.js';
import { FakeClock, settle } from '../../support/fake-clock.js';
import { health, reading } from '../../support/items.js';
import { item, runSink } from '../../support/run-sink.js';

const FRESH: MeterStatus = {
  device: { id: 'meter', name: 'Meter' },
  state: 'ok',
  detail: 'ok',
  figures: NO_FIGURES,
  ageMs: 4_000,
  oldestMs: 120_000,
};

test('what a sink has taken, what it refuses for good and how often it was lost is counted', async () => {
  const endings = ['well', 'lost', 'refused'];
  const { mailbox, clock, ended, deliveries } = runSink({
    write: () => {
      const ending = endings.shift();
      if (ending === 'lost') return Promise.reject(new LinkError('connection reset'));
      return ending === 'refused' ? Promise.reject(new RejectedError('not a number', [0])) : Promise.resolve();
    },
  });
  for (const n of [1, 2, 3]) {
    mailbox.offer(item(n));
    await settle();
  }
  await clock.advance(1_000);
  mailbox.close();
  await ended;
  const { delivered, rejected, retries } = deliveries;
  assert.deepEqual({ delivered, rejected, retries }, { delivered: 2, rejected: 1, retries: 1 });
});

test('a sink that refuses again and again is said once an hour, with the sum', async () => {
  const { mailbox, clock, ended, log } = runSink({ write: () => Promise.reject(new RejectedError('not a number', [0])) });
  for (let minute = 0; minute <= 60; minute++) {
    mailbox.offer(item(minute));
    await clock.advance(60_000);
  }
  mailbox.close();
  await ended;
  assert.deepEqual(
    log.lines.map(({ fields }) => fields.items),
    [1, 60],
  );
});

test('every item that a mailbox took is delivered, merged, evicted, or waits', async () => {
  const never = new AbortController().signal;
  const latest = latestMailbox(new FakeClock());
  for (const each of [reading(), health(), reading(), reading(), health()]) latest.offer(each);
  assert.deepEqual([latest.length, latest.merged, latest.dropped], [2, 3, 0]);
  const taken = await latest.take(never);
  latest.offer(reading());
  latest.restore(taken ?? []);
  assert.deepEqual([latest.length, latest.merged], [2, 4]);
  const every = everyMailbox(new FakeClock(), 2, 10);
  for (let n = 0; n < 5; n++) every.offer(item(n));
  assert.deepEqual([every.length, every.merged, every.dropped], [2, 0, 3]);
});

test('the ledger shows what was entered, as of the moment', () => {
  const ledger = new Ledger();
  const deliveries = new Deliveries();
  const mailbox = everyMailbox(new FakeClock(), 2, 10);
  const queue = [1];
  ledger.enterMeter('cellar', { status: FRESH });
  ledger.enterSink({ environment: 'cellar', sink: 'homie', device: 'meter' }, deliveries, mailbox);
  ledger.enterQueue(queue);
  queue.push(2);
  deliveries.delivered += 7;
  for (let n = 0; n < 3; n++) mailbox.offer(item(n));
  assert.deepEqual(ledger.meters, [{ environment: 'cellar', ...FRESH }]);
  assert.deepEqual(ledger.sinks, [
    {
      place: { environment: 'cellar', sink: 'homie', device: 'meter' },
      delivered: 7,
      rejected: 0,
      merged: 0,
      evicted: 1,
      waiting: 2,
      retries: 0,
    },
  ]);
  assert.equal(ledger.queued, 2);
});

test('a meter that is silent or failing is complained about, one that was not to be heard yet is not', () => {
  assert.equal(complaintAbout(FRESH), undefined);
  const complaint = complaintAbout({ ...FRESH, state: 'silent', detail: 'nothing heard from the meter for 30 s' });
  assert.equal(complaint, 'silent: nothing heard from the meter for 30 s');
  assert.equal(complaintAbout({ ...FRESH, state: 'failing', detail: 'no such port' }), 'failing: no such port');
  assert.equal(complaintAbout({ ...FRESH, state: 'waiting', ageMs: undefined }), undefined);
});

test('a meter whose record says ok is stale all the same when its last reading is too old', () => {
  assert.equal(complaintAbout({ ...FRESH, ageMs: 120_000 }), undefined);
  assert.equal(complaintAbout({ ...FRESH, ageMs: 121_400 }), 'stale: no reading for 121 s');
});
