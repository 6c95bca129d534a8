import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { T210Register, T210Values } from '../../src/simulators/t210-values.js';
import type { T210Telegram } from '../../src/simulators/t210.js';
import { skipWithoutBroker, startBroker, type Broker } from '../support/broker.js';
import { t210Toml } from '../support/environments.js';
import { observe, type Observer } from '../support/mqtt-observer.js';
import { startProgram, type Program } from '../support/program.js';
import { ptyPair, type PtyPair } from '../support/pty.js';
import { KEYS, plugInT210, secretsToml } from '../support/t210.js';

const skip = { skip: skipWithoutBroker };
const DEVICE = 'homie/electric-smart-meter';

/** The topic contract and what stands beside it, written out by hand: where each register goes. */
const TOPICS: Readonly<Record<string, (values: T210Values) => number>> = {
  'energy/imported-total': of('1-0:1.8.0'),
  'energy/used-tariff-1': of('1-0:1.8.1'),
  'energy/used-tariff-2': of('1-0:1.8.2'),
  'energy/delivered-total': of('1-0:2.8.0'),
  'energy/delivered-tariff-1': of('1-0:2.8.1'),
  'energy/delivered-tariff-2': of('1-0:2.8.2'),
  'power/current-usage': of('1-0:1.7.0'),
  'power/current-delivery': of('1-0:2.7.0'),
  'power/net-usage': (values) => values['1-0:1.7.0'] - values['1-0:2.7.0'],
  'energy/reactive-imported-total': of('1-0:3.8.0'),
  'energy/reactive-exported-total': of('1-0:4.8.0'),
  'power/reactive-import': of('1-0:3.7.0'),
  'power/reactive-export': of('1-0:4.7.0'),
};

function of(register: T210Register): (values: T210Values) => number {
  return (values) => values[register];
}

interface Setup {
  readonly broker: Broker;
  readonly pty: PtyPair;
  /** Lines of `[client]`, and the secrets file. */
  readonly client?: string;
  readonly secrets?: string;
}

function runT210({ broker, pty, client = '', secrets = secretsToml(KEYS) }: Setup): Promise<Program> {
  const toml = t210Toml({
    id: 'electric-smart-meter',
    name: 'Sagemcom T210-D-r Stromzähler',
    url: broker.url,
    path: pty.near,
    client,
  });
  return startProgram({ args: ['run', 't210'], settings: { 't210.toml': toml, 't210.secrets.toml': secrets } });
}

/** The values that a subscriber must see for these telegrams: each where it differs from the one before. */
function changes(telegrams: readonly T210Telegram[], value: (values: T210Values) => number): string[] {
  return telegrams.map(({ values }) => String(value(values))).filter((text, index, all) => text !== all[index - 1]);
}

function published(observer: Observer, path: string): string[] {
  return observer.seen.filter(({ topic }) => topic === `${DEVICE}/${path}`).map(({ payload }) => payload);
}

/** Waits until the subscriber has the time of the last telegram: by then all before it are out. */
async function seenAll(observer: Observer, sent: readonly T210Telegram[]): Promise<void> {
  const last = sent.at(-1);
  assert.ok(last);
  for (const [path, value] of Object.entries(TOPICS)) await observer.shows(`${DEVICE}/${path}`, String(value(last.values)));
}

const valueTopics = (observer: Observer): string[] =>
  [...observer.topics.keys()].filter((topic) => /\/(energy|power)\//.test(topic) && !topic.includes('$'));

for (const [what, client, secrets] of [
  ['with both keys', '', secretsToml(KEYS)],
  ['with the encryption key alone', 'authentication = "crc"', secretsToml({ encryptionKey: KEYS.encryptionKey })],
] as const) {
  test(
    `an encrypted T210 is read ${what}: every value right and in order, though one frame in five is damaged`,
    skip,
    async () => {
      await using broker = await startBroker();
      await using observer = await observe(broker.url);
      await using pty = await ptyPair();
      await using program = await runT210({ broker, pty, client, secrets });
      await using meter = await plugInT210(pty.far, {
        keys: KEYS,
        // So slowly that a busy machine publishes each before the next: what waits is replaced by what is newer.
        intervalMs: 400,
        fault: (n) => (n % 5 === 3 ? (n % 2 ? 'corrupt' : 'truncate') : undefined),
      });
      await observer.until(() => meter.sent.length >= 25, '25 intact telegrams');
      await meter.stop();
      await seenAll(observer, meter.sent);
      // What was sent before the program had opened the port went nowhere; from the first that arrived on, nothing may be missing.
      const [first] = published(observer, 'energy/imported-total');
      const received = meter.sent.slice(meter.sent.findIndex(({ values }) => String(values['1-0:1.8.0']) === first));
      assert.ok(received.length >= 15, `${received.length} telegrams`);
      for (const [path, value] of Object.entries(TOPICS)) {
        assert.deepEqual(published(observer, path), changes(received, value), path);
      }
      assert.equal(observer.topics.get(`${DEVICE}/$state`), 'ready');
      assert.equal(observer.topics.get(`${DEVICE}/meter/status`), 'ok');
      assert.equal(published(observer, '$state').includes('alert'), false);
      assert.equal(program.stderr().includes('not authenticated'), client !== '');
      assert.equal((await program.end('SIGTERM')).code, 0);
    },
  );
}

test('the measured time of each telegram is published in UTC', skip, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using pty = await ptyPair();
  await using _program = await runT210({ broker, pty });
  await using meter = await plugInT210(pty.far, { keys: KEYS });
  await observer.shows(`${DEVICE}/$state`, 'ready');
  await meter.stop();
  await seenAll(observer, meter.sent);
  const [last] = meter.sent.slice(-1);
  assert.ok(last);
  await observer.until(({ topics }) => topics.get(`${DEVICE}/meter/measured-at`) === new Date(last.measuredAt).toISOString());
  assert.equal(observer.topics.get(`${DEVICE}/energy/imported-total/$unit`), 'Wh');
  assert.equal(observer.topics.get(`${DEVICE}/energy/imported-total/$datatype`), 'integer');
});

const OTHER = KEYS.encryptionKey.map((byte) => byte ^ 0xff);

for (const [what, secrets, status] of [
  ['a wrong encryption key', secretsToml({ ...KEYS, encryptionKey: OTHER }), /^wrong encryption key: /],
  ['a wrong authentication key', secretsToml({ ...KEYS, authenticationKey: OTHER }), /^wrong authentication key: /],
  ['no key at all', '', /^encrypted frame: .*client\.encryption_key/],
] as const) {
  test(`${what} is told as such, under alert, and nothing is published`, skip, async () => {
    await using broker = await startBroker();
    await using observer = await observe(broker.url);
    await using pty = await ptyPair();
    await using program = await runT210({ broker, pty, secrets });
    await using _meter = await plugInT210(pty.far, { keys: KEYS });
    await observer.shows(`${DEVICE}/$state`, 'alert');
    assert.match(observer.topics.get(`${DEVICE}/meter/status`) ?? '', status);
    assert.deepEqual(valueTopics(observer), []);
    for (const key of [KEYS.encryptionKey, KEYS.authenticationKey, OTHER]) {
      assert.equal(program.stderr().toLowerCase().includes(Buffer.from(key).toString('hex')), false);
    }
  });
}

test('unencrypted telegrams are refused where a key is set, and read where none is', skip, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using pty = await ptyPair();
  await using meter = await plugInT210(pty.far, {});
  await using refusing = await runT210({ broker, pty });
  await observer.shows(`${DEVICE}/$state`, 'alert');
  assert.match(observer.topics.get(`${DEVICE}/meter/status`) ?? '', /^unencrypted telegram: /);
  assert.deepEqual(valueTopics(observer), []);
  await refusing.end('SIGTERM');
  await using _reading = await runT210({ broker, pty, secrets: '' });
  await observer.shows(`${DEVICE}/$state`, 'ready');
  await meter.stop();
  await seenAll(observer, meter.sent);
});

test('a cable that is unplugged is an alert, and plugged in again it is read on', skip, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using pty = await ptyPair();
  await using program = await runT210({ broker, pty });
  await using first = await plugInT210(pty.far, { keys: KEYS });
  await observer.shows(`${DEVICE}/$state`, 'ready');
  await first.stop();
  observer.take();
  await pty.unplug();
  await observer.shows(`${DEVICE}/$state`, 'alert');
  await pty.replug();
  await using _second = await plugInT210(pty.far, { keys: KEYS, frameCounter: first.meter.frameCounter });
  await observer.shows(`${DEVICE}/$state`, 'ready');
  assert.equal(program.stderr().match(/meter failing/g)?.length, 1);
  assert.equal(program.stderr().match(/meter is back/g)?.length, 1);
});
