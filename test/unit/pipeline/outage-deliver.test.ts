import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { LinkError, RejectedError } from '../../../src/model/errors.js';
import { CALL_TIMEOUT_MS } from '../../../src/pipeline/deliver.js';
import { settle } from '../../support/fake-clock.js';
import { item, runSink as run } from '../../support/run-sink.js';

test('who refuses nothing has a bug, and is not asked for ever without a pause', async () => {
  let writes = 0;
  const { mailbox, clock, log, deadline, ended } = run({
    write: () => {
      writes += 1;
      return Promise.reject(new RejectedError('something', []));
    },
  });
  mailbox.offer(item(1));
  await clock.advance(1_000 + 2_000);
  assert.equal(writes, 3);
  assert.deepEqual(log.of('error'), ['the sink crashed and is started again']);
  assert.equal(mailbox.length, 1);
  deadline.abort();
  mailbox.close();
  await ended;
});

test('a store that can be opened but not written to is away until it takes something, and said once', async () => {
  let failing = true;
  const { mailbox, clock, log, ended } = run({
    write: () => (failing ? Promise.reject(new LinkError('disk full')) : Promise.resolve()),
  });
  mailbox.offer(item(1));
  await clock.advance(600_000);
  assert.deepEqual(log.of('warn'), ['disk full; trying again until it works']);
  assert.deepEqual(log.of('info'), []);
  failing = false;
  await clock.advance(60_000);
  assert.deepEqual(log.of('info'), ['connected again']);
  mailbox.close();
  await ended;
});

test('a connection that comes and goes is said once an hour, with how often it was lost', async () => {
  const { mailbox, clock, log, ended, lost } = run();
  mailbox.offer(item(1));
  await settle();
  for (let minute = 0; minute < 90; minute++) {
    lost('another program uses our client id');
    await clock.advance(60_000);
  }
  const said = 'another program uses our client id; trying again until it works';
  assert.deepEqual(log.of('warn'), [said, said]);
  assert.deepEqual(log.of('info'), ['connected again', 'connected again']);
  assert.deepEqual(log.lines.filter(({ level }) => level === 'warn')[1]?.fields, { 'losses since the last line': 59 });
  mailbox.close();
  await ended;
});

test('a connection that is lost soon after it came back, and stays lost, is said at the next try', async () => {
  let refuse = false;
  const { mailbox, clock, log, ended, lost } = run({
    open: () => (refuse ? Promise.reject(new LinkError('nothing listens there')) : Promise.resolve()),
  });
  mailbox.offer(item(1));
  await settle();
  lost('gone');
  await clock.advance(1_000);
  refuse = true;
  lost('gone');
  await clock.advance(2_000);
  assert.deepEqual(log.of('warn'), ['gone; trying again until it works', 'nothing listens there; trying again until it works']);
  mailbox.close();
  await ended;
});

test('an attempt that takes long to fail is no connection that lasted', async () => {
  let opens = 0;
  const { mailbox, clock, ended } = run({
    open: () => {
      opens += 1;
      return new Promise(() => undefined);
    },
    close: () => new Promise(() => undefined),
  });
  mailbox.offer(item(1));
  // Opening and closing take 30 s each, and the waits go on doubling.
  for (const [pauseMs, expected] of [
    [1_000, 2],
    [2_000, 3],
    [4_000, 4],
    [8_000, 5],
  ] as const) {
    await clock.advance(2 * CALL_TIMEOUT_MS + pauseMs - 1);
    assert.equal(opens, expected - 1);
    await clock.advance(1);
    assert.equal(opens, expected);
  }
  mailbox.close();
  await clock.advance(2 * CALL_TIMEOUT_MS);
  await ended;
});

test('a call that ends with an error of its own when its time is up has no bug', async () => {
  const { mailbox, clock, log, ended } = run({
    write: (_, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(new DOMException('The operation was aborted', 'AbortError'));
        });
      }),
  });
  mailbox.offer(item(1));
  await clock.advance(CALL_TIMEOUT_MS);
  assert.deepEqual(log.of('warn'), ['no answer to "write" within 30 s; trying again until it works']);
  assert.deepEqual(log.of('error'), []);
  mailbox.close();
  await ended;
});

test('a connection lost while it is made is opened afresh', async () => {
  let opens = 0;
  const { mailbox, clock, log, ended, calls, lost } = run({
    open: () => (++opens === 1 ? new Promise(() => undefined) : Promise.resolve()),
  });
  mailbox.offer(item(1));
  await settle();
  lost('the broker closed the connection');
  await clock.advance(1_000);
  assert.deepEqual(calls, ['open', 'close', 'open', 'write 1']);
  assert.deepEqual(log.of('warn'), ['the broker closed the connection; trying again until it works']);
  mailbox.close();
  await ended;
});

test('what a lost connection says later does no harm to the next one', async () => {
  const earlier: ((error: LinkError) => void)[] = [];
  const { mailbox, clock, ended, calls, lost } = run({
    open: (_, lose) => {
      earlier.push(lose);
      return Promise.resolve();
    },
  });
  mailbox.offer(item(1));
  await settle();
  lost('gone');
  await clock.advance(1_000);
  earlier[0]?.(new LinkError('gone indeed'));
  mailbox.offer(item(2));
  await settle();
  assert.deepEqual(calls, ['open', 'write 1', 'close', 'open', 'write 2']);
  mailbox.close();
  await ended;
});

test('ten thousand writes and a thousand losses leave no timer, and no listener on what outlives them', async () => {
  let failing = false;
  const { mailbox, clock, deadline, ended } = run({
    write: () => (failing ? Promise.reject(new LinkError('gone')) : Promise.resolve()),
  });
  for (let n = 0; n < 1_000; n++) {
    failing = false;
    for (let m = 0; m < 10; m++) {
      mailbox.offer(item(m));
      await new Promise(setImmediate);
    }
    failing = true;
    mailbox.offer(item(n));
    await clock.advance(60_000);
  }
  assert.ok(getEventListeners(deadline.signal, 'abort').length <= 1);
  assert.ok(getEventListeners(mailbox.closed, 'abort').length <= 1);
  assert.ok(clock.sleeping <= 1);
  failing = false;
  await clock.advance(60_000);
  mailbox.close();
  await ended;
  assert.equal(getEventListeners(deadline.signal, 'abort').length, 0);
  assert.equal(getEventListeners(mailbox.closed, 'abort').length, 0);
  assert.equal(clock.sleeping, 0);
});
