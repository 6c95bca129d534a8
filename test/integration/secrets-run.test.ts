import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { skipWithoutBroker, startBroker, type Broker } from '../support/broker.js';
import { dummyToml, t210Toml } from '../support/environments.js';
import { handT210, t210, T210_TOPIC, type HandT210 } from '../support/hand-t210.js';
import { AUTHORITY, ELSEWHERE, LOCALHOST } from '../support/mqtt-certificates.js';
import { observe, type Observer } from '../support/mqtt-observer.js';
import { startProgram, type Program } from '../support/program.js';
import { ptyPair } from '../support/pty.js';
import {
  CUT_PEM,
  HEADLESS_PEM,
  literal,
  SECRET_KEYS,
  SECRET_PASSWORD,
  SECRET_PEM,
  SECRETS,
} from '../support/secret-household.js';
import { filesBelow, leaks } from '../support/secrets.js';
import { secretsToml } from '../support/t210.js';
import { freePort } from '../support/tcp-server.js';

const skip = { skip: skipWithoutBroker };
const OBSERVER = { username: 'observer', password: 'o', filter: '#' };
const ADMITTED = { users: { meter: SECRET_PASSWORD, observer: 'o' } };
const OTHER_KEYS = {
  encryptionKey: SECRET_KEYS.authenticationKey.toReversed(),
  authenticationKey: SECRET_KEYS.encryptionKey.toReversed(),
};

const EVERYTHING = `[log]\nlevel = "debug"\n[mqtt]\nusername = "meter"\n`;
const preload = (name: string): string => new URL(`../support/preload/${name}.js`, import.meta.url).href;

/** A sink of the dummy meter, and the part of a secrets file that is its own. */
function sink(name: string, url: string, plain: Readonly<Record<string, string>>, secret: Readonly<Record<string, string>>) {
  const lines = (values: Readonly<Record<string, string>>): string =>
    Object.entries(values)
      .map(([key, value]) => `${key} = ${literal(value)}\n`)
      .join('');
  return {
    plain: `[sinks.${name}]\ntype = "homie"\n[sinks.${name}.mqtt]\nurl = "${url}"\n${lines(plain)}`,
    secret: `[sinks.${name}.mqtt]\n${lines(secret)}`,
  };
}

/** What was published, cmdline and status, and every file of the state: each a place where no secret belongs. */
function placesOf(program: Program, observers: Readonly<Record<string, Observer>>): Record<string, string> {
  const published: Record<string, string> = {};
  for (const [name, { seen }] of Object.entries(observers))
    published[`published at ${name}`] = seen.map(({ topic, payload }) => `${topic} ${payload}\n`).join('');
  return {
    ...published,
    ...filesBelow(join(program.folder, 'state')),
    'standard error': program.stderr(),
    'standard output': program.stdout(),
  };
}

/** The command line as every user of the host sees it. */
function commandLineOf({ pid }: Program): Record<string, string> {
  return { 'command line': readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ') };
}

/** What the sink `metrics` shows, good and bad. */
async function pagesOf(port: number): Promise<Record<string, string>> {
  const page = async (path: string): Promise<string> => (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  return { figures: await page('/metrics'), health: await page('/healthz'), 'no page': await page('/settings') };
}

/** What can be wrong on the way from the meter, and the status that tells it. */
const FAULTS = [
  ['wrong-encryption-key', /^wrong encryption key: /],
  ['wrong-authentication-key', /^wrong authentication key: /],
  ['corrupt', /^(damaged|incomplete) frame: /],
  ['truncate', /^(damaged|incomplete) frame: /],
  ['replay', /^replayed frame: /],
] as const;

async function provokeFaults(hand: HandT210, observer: Observer): Promise<void> {
  const state = `${T210_TOPIC}/$state`;
  const ready = (): Promise<void> =>
    hand.sendUntil(
      observer,
      () => hand.make(),
      ({ topics }) => topics.get(state) === 'ready',
      'the meter is read',
    );
  await ready();
  for (const [fault, status] of FAULTS) {
    const told = ({ topics }: Observer): boolean => status.test(topics.get(`${T210_TOPIC}/meter/status`) ?? '');
    await hand.sendUntil(observer, () => hand.make(fault), told, fault);
    await ready();
  }
  // Another meter behind the cable, with keys of its own.
  const own = hand.meter;
  hand.meter = t210({ keys: OTHER_KEYS });
  const silent = ({ topics }: Observer): boolean => topics.get(state) === 'alert';
  await hand.sendUntil(observer, () => hand.make(), silent, 'another meter is told');
  hand.meter = own;
  await ready();
}

test(
  'at level debug no fault of the meter, of a key, of a state file or of a component shows a secret anywhere',
  skip,
  async () => {
    await using broker = await startBroker(ADMITTED);
    await using observer = await observe(broker.url, OBSERVER);
    await using pty = await ptyPair();
    await using hand = await handT210(pty);
    hand.meter = t210({ keys: SECRET_KEYS });
    const [port, metricsPort] = [await freePort(), await freePort()];
    const meter = { id: 'electric-smart-meter', name: 'Meter', url: broker.url, path: pty.near, client: `share_port = ${port}` };
    const settings = {
      'default.toml': EVERYTHING,
      'default.secrets.toml': `mqtt.password = ${literal(SECRET_PASSWORD)}\n`,
      't210.toml': `${t210Toml(meter)}[sinks.metrics]\nport = ${metricsPort}\n`,
      't210.secrets.toml': secretsToml(SECRET_KEYS),
      'crash.toml': `${dummyToml({ url: broker.url, id: 'crash' })}seed = 1001\n[sinks.bad]\ntype = "homie"\nroot = "broken"\n`,
    };
    const options = { args: ['run', 't210', 'crash'], settings, env: { DEBUG: '*' }, node: ['--import', preload('bugs')] };
    await using program = await startProgram(options);
    await program.says(/telegrams are passed on/);
    const reader = connect(port, '127.0.0.1').setEncoding('latin1');
    await once(reader, 'connect');
    let shared = '';
    reader.on('data', (text: string) => (shared += text));
    await provokeFaults(hand, observer);
    await program.says(/error crash: the client crashed/);
    await program.says(/error crash bad: the sink crashed/);
    program.signal('SIGUSR1');
    const before = { ...commandLineOf(program), ...(await pagesOf(metricsPort)) };
    reader.destroy();
    assert.equal((await program.end('SIGTERM')).code, 0);
    assert.match(shared, /1-0:1\.8\.0/);
    assert.match(before.figures ?? '', /meter/);
    assert.deepEqual(leaks(SECRETS, { ...placesOf(program, { observer }), ...before, 'shared telegrams': shared }), []);

    const state = join(program.folder, 'state', 't210.json');
    writeFileSync(state, readFileSync(state, 'utf8').slice(0, -5));
    await using again = await program.again();
    await again.says(/the state is broken, set aside/);
    observer.take();
    await hand.sendUntil(
      observer,
      () => hand.make(),
      ({ topics }) => topics.get(`${T210_TOPIC}/$state`) === 'ready',
      'ready again',
    );
    assert.equal((await again.end('SIGTERM')).code, 0);
    assert.deepEqual(leaks(SECRETS, placesOf(again, { observer })), []);
  },
);

test('at level debug no broker that refuses, does not know or does not convince us is told or shown a secret', skip, async () => {
  await using good = await startBroker(ADMITTED);
  await using refusing = await startBroker({ users: { meter: 'another password', observer: 'o' } });
  await using tls = await startBroker({ ...ADMITTED, tls: LOCALHOST });
  await using elsewhere = await startBroker({ ...ADMITTED, tls: ELSEWHERE });
  await using atGood = await observe(good.url, OBSERVER);
  await using atTls = await observe(tls.url, { ...OBSERVER, ca: AUTHORITY });
  await using atRefusing = await observe(refusing.url, OBSERVER);
  const certificate = { ca: AUTHORITY, cert: ELSEWHERE.cert };
  const sinks = [
    sink('trusted', tls.url, certificate, { key: SECRET_PEM }),
    sink('refused', refusing.url, {}, {}),
    sink('untrusted', tls.url, { cert: ELSEWHERE.cert }, { key: SECRET_PEM }),
    sink('misnamed', elsewhere.url, certificate, { key: SECRET_PEM }),
    sink('mismatched', tls.url, { ...certificate, cert: LOCALHOST.cert }, { key: SECRET_PEM }),
    sink('cut', tls.url, certificate, { key: CUT_PEM }),
    sink('headless', tls.url, certificate, { key: HEADLESS_PEM }),
    sink('plain', tls.url.replace('mqtts', 'mqtt'), {}, {}),
    sink('secured', good.url.replace('mqtt', 'mqtts'), certificate, { key: SECRET_PEM }),
  ];
  const settings = {
    'default.toml': EVERYTHING,
    'dummy.toml': `${dummyToml({ url: good.url })}${sinks.map(({ plain }) => plain).join('')}`,
    'dummy.secrets.toml': `[mqtt]\npassword = ${literal(SECRET_PASSWORD)}\n${sinks.map(({ secret }) => secret).join('')}`,
  };
  await using program = await startProgram({ args: ['run', 'dummy'], settings, env: { DEBUG: '*' } });
  const topic = 'homie/dummy-smart-meter/$state';
  await atGood.shows(topic, 'ready');
  await atTls.shows(topic, 'ready');
  for (const [name, says] of [
    ['refused', 'mqtt\\.username and mqtt\\.password do not give access'],
    ['untrusted', 'its certificate is not signed by an authority that is trusted here'],
    ['misnamed', 'its certificate is for another host name'],
    ['mismatched', 'mqtt\\.key is not the private key of mqtt\\.cert'],
    ['cut', 'mqtt\\.ca, mqtt\\.cert, mqtt\\.key: TLS cannot use what is there'],
    ['headless', 'cannot read the file that mqtt\\.key names: '],
    ['plain', 'it closed the connection without an answer; does it want TLS'],
    ['secured', 'it closed the connection without an answer; does it speak TLS'],
  ] as const) {
    await program.says(new RegExp(`warn dummy ${name}: .*${says}`));
  }
  const commandLine = commandLineOf(program);
  assert.equal((await program.end('SIGTERM')).code, 0);
  assert.deepEqual(leaks(SECRETS, { ...placesOf(program, { atGood, atTls, atRefusing }), ...commandLine }), []);
});

test('a program that dies of a bug says where, and shows no secret', skip, async () => {
  await using broker: Broker = await startBroker(ADMITTED);
  await using observer = await observe(broker.url, OBSERVER);
  const settings = {
    'default.toml': EVERYTHING,
    'default.secrets.toml': `mqtt.password = ${literal(SECRET_PASSWORD)}\n`,
    'dummy.toml': dummyToml({ url: broker.url }),
  };
  await using program = await startProgram({ args: ['run', 'dummy'], settings, node: ['--import', preload('dying-fan-out')] });
  assert.equal((await program.exit).code, 70);
  assert.match(program.stderr(), /the fan-out died/);
  assert.deepEqual(leaks(SECRETS, placesOf(program, { observer })), []);
});
