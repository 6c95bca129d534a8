import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LinkError, RejectedError } from '../../../../src/model/errors.js';
import { deliver } from '../../../../src/pipeline/deliver.js';
import { Deliveries } from '../../../../src/pipeline/figures.js';
import type { Recorded } from '../../../../src/pipeline/sink.js';
import { Spool } from '../../../../src/pipeline/spool/spool.js';
import { SpoolMailbox } from '../../../../src/pipeline/spool/spool-mailbox.js';
import { settle } from '../../../support/fake-clock.js';
import { reading } from '../../../support/items.js';
import { allOf, numbersOf, spoolFolder, spoolOptions, type SpoolFolder } from '../../../support/spool.js';

const never = new AbortController().signal;

/** A spool and the mailbox of its store, which wants three readings at a time, or what has waited for ten seconds. */
function mailboxOf(folder: SpoolFolder, everyMs?: number) {
  const { clock, ...options } = spoolOptions(folder);
  const spool = Spool.open({ ...options, clock });
  const mailbox = new SpoolMailbox({ spool, name: 'store', batch: { items: 3, ms: 10_000 }, clock, everyMs });
  const offer = (...numbers: readonly number[]): void => {
    for (const n of numbers) spool.append({ ...reading({ n }), measuredAt: Date.UTC(2026, 0, 15, 12) + n * 1_000 });
  };
  return { spool, mailbox, clock, offer };
}

test('a full batch is taken at once, a part of one when its oldest has waited long enough', async () => {
  using folder = spoolFolder();
  const { mailbox, clock, offer } = mailboxOf(folder);
  offer(1, 2, 3, 4);
  assert.deepEqual(numbersOf((await mailbox.take(never)) ?? []), [1, 2, 3]);
  let taken: readonly Recorded[] | undefined;
  const taking = mailbox.take(never).then((items) => (taken = items));
  await clock.advance(9_999);
  assert.equal(taken, undefined);
  await clock.advance(1);
  await taking;
  assert.deepEqual(numbersOf(taken ?? []), [4]);
});

test('what came back is taken again, with what came since', async () => {
  using folder = spoolFolder();
  const { mailbox, offer } = mailboxOf(folder);
  offer(1, 2, 3);
  const items = (await mailbox.take(never)) ?? [];
  mailbox.restore(items.slice(1));
  offer(4, 5);
  assert.equal(mailbox.length, 4);
  assert.deepEqual(numbersOf((await mailbox.take(never)) ?? []), [2, 3, 4]);
});

test('what was taken and not acknowledged comes again after a restart', async () => {
  using folder = spoolFolder();
  const first = mailboxOf(folder);
  first.offer(1, 2, 3, 4, 5, 6);
  await first.mailbox.take(never);
  first.mailbox.acknowledge();
  await first.mailbox.take(never);
  const second = mailboxOf(folder);
  assert.deepEqual(numbersOf((await second.mailbox.take(never)) ?? []), [4, 5, 6]);
});

test('a part that came back is not acknowledged with the rest', async () => {
  using folder = spoolFolder();
  const first = mailboxOf(folder);
  first.offer(1, 2, 3);
  const items = (await first.mailbox.take(never)) ?? [];
  first.mailbox.restore(items.slice(2));
  first.mailbox.acknowledge();
  const second = mailboxOf(folder);
  assert.deepEqual(numbersOf((await second.mailbox.take(never)) ?? []), [1, 2, 3]);
});

test('a closed mailbox gives its last batch, and leaves more than that for the next run', async () => {
  using folder = spoolFolder();
  const { mailbox, offer } = mailboxOf(folder);
  offer(1, 2);
  mailbox.close();
  assert.deepEqual(numbersOf((await mailbox.take(never)) ?? []), [1, 2]);
  assert.equal(await mailbox.take(never), undefined);
  offer(3, 4, 5, 6);
  assert.equal(await mailbox.take(never), undefined);
  assert.equal(mailbox.length, 4);
});

test('a take whose signal aborts takes nothing', async () => {
  using folder = spoolFolder();
  const { mailbox, offer } = mailboxOf(folder);
  const abort = new AbortController();
  const taking = mailbox.take(abort.signal);
  abort.abort(new Error('enough'));
  await assert.rejects(taking, /enough/);
  offer(1, 2, 3);
  assert.deepEqual(numbersOf((await mailbox.take(never)) ?? []), [1, 2, 3]);
});

test('a thinned history gets the first reading of each interval of measured time', async () => {
  using folder = spoolFolder();
  const { spool, mailbox, clock, offer } = mailboxOf(folder, 10_000);
  const taken: unknown[] = [];
  const delivering = (async () => {
    for (let items = await mailbox.take(never); items; items = await mailbox.take(never)) {
      taken.push(...numbersOf(items));
      mailbox.acknowledge();
    }
  })();
  for (let n = 0; n < 36; n++) offer(n);
  while (mailbox.length > 0) await clock.advance(10_000);
  mailbox.close();
  await delivering;
  assert.deepEqual(taken, [0, 10, 20, 30]);
  assert.equal(mailbox.merged, 32);
  assert.deepEqual(await allOf(spool, spool.cursorOf('store')), []);
});

test('a history is delivered to in batches, through outages and refusals, in order', async () => {
  using folder = spoolFolder();
  const { spool, mailbox, clock, offer } = mailboxOf(folder);
  const calls: string[] = [];
  const failures = [new LinkError('away'), new RejectedError('no number', [1])];
  const sink = {
    batch: { items: 3, ms: 10_000 },
    open: () => Promise.resolve(),
    close: () => Promise.resolve(),
    write: (items: readonly Recorded[]) => {
      calls.push(numbersOf(items).join('+'));
      const failure = failures.shift();
      return failure ? Promise.reject(failure) : Promise.resolve();
    },
  };
  const { log } = spoolOptions(folder);
  const delivery = deliver({ sink, mailbox, clock, log, random: () => 1, deliveries: new Deliveries() }, never);
  offer(1, 2, 3, 4, 5, 6);
  while (calls.length < 4) await clock.advance(1_000);
  await settle();
  assert.deepEqual(calls, ['1+2+3', '1+2+3', '1+3+4', '5+6']);
  assert.deepEqual(await allOf(spool, spool.cursorOf('store')), []);
  mailbox.close();
  await delivery;
});
