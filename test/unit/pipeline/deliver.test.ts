import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LinkError, RejectedError } from '../../../src/model/errors.js';
import { CALL_TIMEOUT_MS } from '../../../src/pipeline/deliver.js';
import { settle } from '../../support/fake-clock.js';
import { item, runSink as run } from '../../support/run-sink.js';

test('a sink is opened, written to in order, drained and closed', async () => {
  const { mailbox, calls, ended, clock } = run();
  mailbox.offer(item(1));
  await settle();
  mailbox.offer(item(2));
  await settle();
  mailbox.offer(item(3));
  mailbox.close();
  await ended;
  assert.deepEqual(calls, ['open', 'write 1', 'write 2', 'write 3', 'close']);
  assert.equal(clock.sleeping, 0);
});

test('a sink that cannot be opened is closed and tried again with growing waits, said once', async () => {
  let tries = 0;
  const { mailbox, calls, clock, log, ended } = run({
    open: () => (++tries < 4 ? Promise.reject(new LinkError('cannot connect to localhost:1883')) : Promise.resolve()),
  });
  mailbox.offer(item(1));
  await clock.advance(1_000 + 2_000 + 4_000);
  assert.deepEqual(calls, ['open', 'close', 'open', 'close', 'open', 'close', 'open', 'write 1']);
  assert.deepEqual(log.of('warn'), ['cannot connect to localhost:1883; trying again until it works']);
  assert.deepEqual(log.of('info'), ['connected again']);
  mailbox.close();
  await ended;
});

test('what could not be written is written again, before what came later', async () => {
  let failures = 1;
  const { mailbox, calls, clock, ended } = run({
    write: () => (failures-- > 0 ? Promise.reject(new LinkError('connection reset')) : Promise.resolve()),
  });
  mailbox.offer(item(1));
  await settle();
  mailbox.offer(item(2));
  await clock.advance(1_000);
  mailbox.close();
  await ended;
  assert.deepEqual(calls, ['open', 'write 1', 'close', 'open', 'write 1+2', 'close']);
});

test('what is refused for good is dropped and the rest repeated', async () => {
  let refuse = true;
  const { mailbox, calls, ended, log } = run({
    write: () => {
      if (!refuse) return Promise.resolve();
      refuse = false;
      return Promise.reject(new RejectedError('not a number', [1]));
    },
  });
  for (const n of [1, 2, 3]) mailbox.offer(item(n));
  mailbox.close();
  await ended;
  assert.deepEqual(calls, ['open', 'write 1+2+3', 'write 1+3', 'close']);
  assert.deepEqual(log.of('warn'), ['refused for good']);
});

test('a connection lost while nobody writes is opened afresh', async () => {
  const { mailbox, calls, clock, ended, lost } = run();
  mailbox.offer(item(1));
  await settle();
  lost('the broker closed the connection');
  await clock.advance(1_000);
  assert.deepEqual(calls, ['open', 'write 1', 'close', 'open']);
  mailbox.close();
  await ended;
});

test('a store that asks us to stay away is left alone for so long', async () => {
  let busy = true;
  const { mailbox, calls, clock, ended } = run({
    write: () => (busy ? Promise.reject(new LinkError('too many requests', { retryAfterMs: 30_000 })) : Promise.resolve()),
  });
  mailbox.offer(item(1));
  await clock.advance(29_999);
  assert.deepEqual(calls, ['open', 'write 1', 'close']);
  busy = false;
  await clock.advance(1);
  mailbox.close();
  await ended;
  assert.deepEqual(calls.slice(3), ['open', 'write 1', 'close']);
});

test('a sink that hangs, and ignores its signal, counts as lost', async () => {
  let hang = true;
  const { mailbox, calls, clock, ended, log } = run({ write: () => (hang ? new Promise(() => undefined) : Promise.resolve()) });
  mailbox.offer(item(1));
  await clock.advance(CALL_TIMEOUT_MS);
  assert.deepEqual(log.of('warn'), ['no answer to "write" within 30 s; trying again until it works']);
  hang = false;
  await clock.advance(1_000);
  mailbox.close();
  await ended;
  assert.deepEqual(calls, ['open', 'write 1', 'close', 'open', 'write 1', 'close']);
});

test('a crash is logged with its stack and the sink started again', async () => {
  let crash = true;
  const { mailbox, clock, ended, log, calls } = run({
    write: () => {
      if (!crash) return Promise.resolve();
      crash = false;
      throw new TypeError('a bug');
    },
  });
  mailbox.offer(item(1));
  await clock.advance(1_000);
  mailbox.close();
  await ended;
  assert.match(String(log.lines.find(({ level }) => level === 'error')?.fields.error), /TypeError: a bug\n\s+at /);
  assert.deepEqual(calls, ['open', 'write 1', 'close', 'open', 'write 1', 'close']);
});

test('stopping while the sink is away ends at once and says what is left', async () => {
  const { mailbox, ended, log, clock } = run({ open: () => Promise.reject(new LinkError('cannot connect')) });
  mailbox.offer(item(1));
  await settle();
  mailbox.close();
  await ended;
  assert.deepEqual(log.of('warn'), ['cannot connect; trying again until it works', 'stopped before everything was delivered']);
  assert.equal(clock.sleeping, 0);
});

test('the deadline ends a write that is under way', async () => {
  const { mailbox, ended, log, deadline, calls } = run({ write: () => new Promise(() => undefined) });
  mailbox.offer(item(1));
  await settle();
  mailbox.close();
  deadline.abort();
  await ended;
  assert.deepEqual(calls, ['open', 'write 1', 'close']);
  assert.deepEqual(log.of('warn'), ['stopped before everything was delivered']);
});
