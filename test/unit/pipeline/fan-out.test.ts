import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Envelope } from '../../../src/pipeline/collect.js';
import { fanOut, type Outlet } from '../../../src/pipeline/fan-out.js';
import { everyMailbox, type Mailbox } from '../../../src/pipeline/mailbox.js';
import { Queue } from '../../../src/pipeline/queue.js';
import { FakeClock } from '../../support/fake-clock.js';
import { fault, health, reading } from '../../support/items.js';

const never = new AbortController().signal;
const other = { ...reading().device, id: 'other-meter' };

function outlet(scope: Outlet['scope']) {
  const made: { id: string; mailbox: Mailbox }[] = [];
  const connect: Outlet['connect'] = ({ id }) => {
    const mailbox = everyMailbox(new FakeClock(), 100, 100);
    made.push({ id, mailbox });
    return mailbox;
  };
  return { scope, connect, made };
}

async function send(envelopes: readonly Envelope[], outlets: ReadonlyMap<string, readonly Outlet[]>): Promise<void> {
  const queue = new Queue<Envelope>(100);
  for (const envelope of envelopes) await queue.put(envelope, never);
  queue.close();
  await fanOut(queue, outlets, never);
}

test('every item reaches the sinks of its environment and no others', async () => {
  const [a, b] = [outlet('device'), outlet('device')];
  await send(
    [
      { environment: 'a', item: health('waiting') },
      { environment: 'a', item: reading({ n: 1 }) },
      { environment: 'b', item: reading({ n: 2 }, other) },
      { environment: 'a', item: fault() },
    ],
    new Map([
      ['a', [a]],
      ['b', [b]],
    ]),
  );
  assert.deepEqual(await a.made[0]?.mailbox.take(never), [health('waiting'), reading({ n: 1 }), fault()]);
  assert.deepEqual(await b.made[0]?.mailbox.take(never), [reading({ n: 2 }, other)]);
});

test('a sink for devices is made for each device, a sink for the environment once', async () => {
  const [each, once] = [outlet('device'), outlet('environment')];
  await send(
    [
      { environment: 'a', item: reading({ n: 1 }) },
      { environment: 'a', item: reading({ n: 2 }, other) },
      { environment: 'a', item: reading({ n: 3 }) },
    ],
    new Map([['a', [each, once]]]),
  );
  assert.deepEqual(
    each.made.map(({ id }) => id),
    ['test-meter', 'other-meter'],
  );
  assert.equal(once.made.length, 1);
  assert.equal(once.made[0]?.mailbox.length, 3);
});

test('when the queue ends, the mailboxes are closed', async () => {
  const a = outlet('device');
  await send([{ environment: 'a', item: reading() }], new Map([['a', [a]]]));
  assert.equal(a.made[0]?.mailbox.closed.aborted, true);
});
