import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import type { T210Telegram } from '../../src/simulators/t210.js';
import { skipWithoutBroker, startBroker } from '../support/broker.js';
import { t210Toml } from '../support/environments.js';
import { observe, type Observer } from '../support/mqtt-observer.js';
import { startProgram, type Program } from '../support/program.js';
import { ptyPair } from '../support/pty.js';
import { KEYS, plugInT210, secretsToml } from '../support/t210.js';
import { freePort, startTcpServer } from '../support/tcp-server.js';

const skip = { skip: skipWithoutBroker };
const FIRST = 'homie/first';
const SECOND = 'homie/second';

/** A program at the meter's port that passes its telegrams on. */
function runFirst(url: string, path: string, sharePort: number): Promise<Program> {
  const toml = t210Toml({ id: 'first', name: 'First', url, path, client: `share_port = ${sharePort}` });
  return startProgram({ args: ['run', 'first'], settings: { 'first.toml': toml, 'first.secrets.toml': secretsToml(KEYS) } });
}

/** A program that reads what the first passes on, and has no keys. */
function runSecond(url: string, sharePort: number): Promise<Program> {
  const toml = t210Toml({ id: 'second', name: 'Second', url, path: sharePort });
  return startProgram({ args: ['run', 'second'], settings: { 'second.toml': toml } });
}

const published = (observer: Observer, topic: string): string[] =>
  observer.seen.filter((seen) => seen.topic === topic).map(({ payload }) => payload);

/** What telegrams say, by where it is published. */
const SHOWN = {
  'energy/imported-total': ({ values }) => String(values['1-0:1.8.0']),
  'power/current-usage': ({ values }) => String(values['1-0:1.7.0']),
  'energy/reactive-exported-total': ({ values }) => String(values['1-0:4.8.0']),
  'meter/measured-at': ({ measuredAt }) => new Date(measuredAt).toISOString(),
} as const satisfies Record<string, (telegram: T210Telegram) => string>;

/** Some of what was sent may be passed over where more came before it was published, but nothing else is published and nothing out of turn. */
function assertInOrder(values: readonly string[], sent: readonly string[], what: string): void {
  let from = 0;
  for (const value of values) {
    const at = sent.indexOf(value, from);
    assert.ok(at !== -1, `${what}: ${value} was not sent, or before ${String(sent[from - 1])}`);
    from = at;
  }
}

/** Waits until both devices show the last telegram. */
async function bothShow(observer: Observer, sent: readonly T210Telegram[]): Promise<void> {
  const last = sent.at(-1);
  assert.ok(last);
  for (const device of [FIRST, SECOND]) {
    for (const [path, valueIn] of Object.entries(SHOWN)) await observer.shows(`${device}/${path}`, valueIn(last));
  }
}

test(
  'a second program reads an encrypted meter through the first, without its keys: the same values, damaged frames left out',
  skip,
  async () => {
    await using broker = await startBroker();
    await using observer = await observe(broker.url);
    await using pty = await ptyPair();
    const port = await freePort();
    await using first = await runFirst(broker.url, pty.near, port);
    await first.says(new RegExp(`telegrams are passed on at 127.0.0.1:${port}`));
    await using second = await runSecond(broker.url, port);
    await using meter = await plugInT210(pty.far, {
      keys: KEYS,
      fault: (n) => (({ 3: 'corrupt', 5: 'replay', 7: 'wrong-encryption-key', 9: 'wrong-authentication-key' }) as const)[n % 11],
    });
    await observer.shows(`${SECOND}/$state`, 'ready');
    await observer.until(() => meter.sent.length >= 25, '25 intact telegrams');
    await meter.stop();
    await bothShow(observer, meter.sent);
    for (const [path, valueIn] of Object.entries(SHOWN)) {
      const sent = meter.sent.map(valueIn);
      for (const device of [FIRST, SECOND]) {
        const values = published(observer, `${device}/${path}`);
        assert.ok(values.length > 1, path);
        assertInOrder(values, sent, `${device}/${path}`);
      }
    }
    assert.equal(published(observer, `${SECOND}/$state`).includes('alert'), false);
    assert.doesNotMatch(second.stderr(), /failing|encrypt/);
  },
);

test('a second program outlives a restart of the first, and says so in one line each', skip, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using pty = await ptyPair();
  const port = await freePort();
  await using first = await runFirst(broker.url, pty.near, port);
  await first.says(/telegrams are passed on/);
  await using second = await runSecond(broker.url, port);
  await using meter = await plugInT210(pty.far, { keys: KEYS });
  await observer.shows(`${SECOND}/$state`, 'ready');
  const { code, afterMs } = await first.end('SIGTERM');
  assert.equal(code, 0);
  assert.ok(afterMs < 5_000, `${afterMs} ms`);
  await observer.shows(`${SECOND}/$state`, 'alert');
  await observer.until(({ topics }) => /nothing listens there/.test(topics.get(`${SECOND}/meter/status`) ?? ''));
  await using _again = await first.again();
  await observer.shows(`${SECOND}/$state`, 'ready');
  await meter.stop();
  await bothShow(observer, meter.sent);
  assert.equal(second.stderr().match(/meter failing/g)?.length, 1, second.stderr());
  assert.equal(second.stderr().match(/meter is back/g)?.length, 1);
});

test('a port in use is said once, stops nothing, and is taken when it becomes free', skip, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using pty = await ptyPair();
  await using squatter = await startTcpServer();
  await using first = await runFirst(broker.url, pty.near, squatter.port);
  await first.says(new RegExp(`cannot listen on 127.0.0.1:${squatter.port}: another program listens there.*trying again`));
  await using meter = await plugInT210(pty.far, { keys: KEYS });
  await observer.shows(`${FIRST}/$state`, 'ready');
  await squatter.stop();
  await first.says(/telegrams are passed on/);
  const reader = connect({ host: '127.0.0.1', port: squatter.port });
  const [telegram] = (await once(reader, 'data')) as [Buffer];
  assert.match(String(telegram), /^\/EST5\\253700000_A\r\n\r\n[^!]*!([0-9A-F]{4})\r\n$/);
  reader.destroy();
  assert.equal(first.stderr().match(/cannot listen/g)?.length, 1);
  await meter.stop();
});

test('only this machine can read, unless it is asked for', skip, async () => {
  await using broker = await startBroker();
  await using pty = await ptyPair();
  const port = await freePort();
  await using first = await runFirst(broker.url, pty.near, port);
  await first.says(/telegrams are passed on/);
  // Another address of this machine is as good as that of another machine: whoever listened on all would answer there too.
  const stranger = connect({ host: '127.0.0.2', port });
  await assert.rejects(once(stranger, 'connect'), { code: 'ECONNREFUSED' });
});

test('a reader that is frozen holds up neither the meter nor the end of the program', skip, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using pty = await ptyPair();
  const port = await freePort();
  await using first = await runFirst(broker.url, pty.near, port);
  await first.says(/telegrams are passed on/);
  await using second = await runSecond(broker.url, port);
  await using meter = await plugInT210(pty.far, { keys: KEYS });
  await observer.shows(`${SECOND}/$state`, 'ready');
  second.signal('SIGSTOP');
  const before = meter.sent.length;
  await observer.until(() => meter.sent.length >= before + 10, '10 more telegrams');
  await observer.until(
    ({ topics }) => Number(topics.get(`${FIRST}/energy/imported-total`)) >= (meter.sent[before + 5]?.values['1-0:1.8.0'] ?? NaN),
  );
  const { code, afterMs } = await first.end('SIGTERM');
  assert.equal(code, 0);
  assert.ok(afterMs < 5_000, `${afterMs} ms`);
});
