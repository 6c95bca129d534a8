import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { skipWithoutBroker, startBroker } from '../support/broker.js';
import { AUTHORITY, ELSEWHERE, EXPIRED, LOCALHOST } from '../support/mqtt-certificates.js';
import { health, HomieFixture, house, reading } from '../support/mqtt-homie.js';
import { observe, retained } from '../support/mqtt-observer.js';

const options = { skip: skipWithoutBroker };

test('user name and password give access, and nothing else does', options, async () => {
  await using broker = await startBroker({ users: { reader: 'correct horse' } });

  await using right = new HomieFixture(broker.url, { username: 'reader', password: 'correct horse' });
  await right.open();
  await right.write(health(house(), 'ok'));

  await using wrong = new HomieFixture(broker.url, { username: 'reader', password: 'battery staple' });
  await assert.rejects(wrong.open(), {
    name: 'LinkError',
    message: `no connection to the broker ${broker.url}: mqtt.username and mqtt.password do not give access`,
  });

  await using without = new HomieFixture(broker.url);
  await assert.rejects(without.open(), {
    name: 'LinkError',
    message: `no connection to the broker ${broker.url}: it wants mqtt.username and mqtt.password`,
  });
});

test('with mqtts:// a broker whose certificate our authority signed is trusted', options, async () => {
  await using broker = await startBroker({ tls: LOCALHOST });
  await using homie = new HomieFixture(broker.url, { ca: AUTHORITY });
  await homie.open();
  await homie.write(health(house(), 'ok'));
  await homie.close();
  assert.equal((await retained(broker.url, { ca: AUTHORITY })).get('homie/house/$state'), 'disconnected');
});

test('with mqtts:// an unknown authority is refused, and mqtt.ca is named', options, async () => {
  await using broker = await startBroker({ tls: LOCALHOST });
  await using homie = new HomieFixture(broker.url);
  await assert.rejects(homie.open(), {
    name: 'LinkError',
    message: `no connection to the broker ${broker.url}: its certificate is not signed by an authority that is trusted here; mqtt.ca can name one`,
  });
});

test('with mqtts:// a certificate for another host is refused', options, async () => {
  await using broker = await startBroker({ tls: ELSEWHERE });
  await using homie = new HomieFixture(broker.url, { ca: AUTHORITY });
  await assert.rejects(homie.open(), {
    name: 'LinkError',
    message: `no connection to the broker ${broker.url}: its certificate is for another host name than the one in mqtt.url`,
  });
});

test('with mqtts:// the address of a host is refused where the certificate has its name only', options, async () => {
  await using broker = await startBroker({ tls: LOCALHOST });
  await using homie = new HomieFixture(`mqtts://127.0.0.1:${broker.port}`, { ca: AUTHORITY });
  await assert.rejects(homie.open(), {
    name: 'LinkError',
    message: /: its certificate is for another host name than the one in mqtt\.url$/,
  });
});

test('with mqtts:// a certificate that has expired is refused', options, async () => {
  await using broker = await startBroker({ tls: EXPIRED });
  await using homie = new HomieFixture(broker.url, { ca: EXPIRED.cert });
  await assert.rejects(homie.open(), { name: 'LinkError', message: /: its certificate has expired$/ });
});

test('mqtts:// to a broker without TLS is refused with a hint', options, async () => {
  await using broker = await startBroker();
  await using homie = new HomieFixture(`mqtts://127.0.0.1:${broker.port}`);
  await assert.rejects(homie.open(), {
    name: 'LinkError',
    message: /: it closed the connection without an answer; does it speak TLS on this port, and want mqtt.cert\?$/,
  });
});

test('mqtt:// to a broker with TLS is refused with a hint', options, async () => {
  await using broker = await startBroker({ tls: LOCALHOST });
  await using homie = new HomieFixture(`mqtt://127.0.0.1:${broker.port}`);
  await assert.rejects(homie.open(), {
    name: 'LinkError',
    message: /: it closed the connection without an answer; does it want TLS, mqtts:\/\/\?$/,
  });
});

test('a broker that wants certificates of its clients takes ours, from files as well', options, async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'homie-'));
  context.after(() => rm(folder, { recursive: true }));
  const path = (name: string): string => join(folder, name);
  await writeFile(path('ca.pem'), AUTHORITY);
  await writeFile(path('cert.pem'), ELSEWHERE.cert);
  await writeFile(path('key.pem'), ELSEWHERE.key, { mode: 0o600 });
  await using broker = await startBroker({ tls: LOCALHOST, clientAuthority: AUTHORITY });

  await using known = new HomieFixture(broker.url, { ca: path('ca.pem'), cert: path('cert.pem'), key: path('key.pem') });
  await known.open();
  await known.close();

  await using without = new HomieFixture(broker.url, { ca: AUTHORITY });
  await assert.rejects(without.open(), {
    name: 'LinkError',
    message: `no connection to the broker ${broker.url}: it wants a certificate of ours, mqtt.cert and mqtt.key`,
  });

  await using stranger = new HomieFixture(broker.url, { ca: AUTHORITY, ...EXPIRED });
  await assert.rejects(stranger.open(), {
    name: 'LinkError',
    message: `no connection to the broker ${broker.url}: it does not accept our certificate, mqtt.cert`,
  });
});

for (const [what, settings, says] of [
  [
    'a key that everybody can read',
    { ...ELSEWHERE, mode: 0o644 },
    'everybody can read the file that mqtt.key names (mode 0644): chmod 600',
  ],
  ['a key of another certificate', { cert: ELSEWHERE.cert, key: LOCALHOST.key }, 'mqtt.key is not the private key of mqtt.cert'],
  [
    'a certificate in place of a key',
    { cert: ELSEWHERE.cert, key: ELSEWHERE.cert },
    'mqtt.ca, mqtt.cert, mqtt.key: TLS cannot use what is there; PEM is expected',
  ],
] as const) {
  test(`${what} is refused before anything is sent`, async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'homie-'));
    context.after(() => rm(folder, { recursive: true }));
    const { cert, key, mode = 0o600 } = { mode: undefined, ...settings };
    const path = join(folder, 'key.pem');
    await writeFile(path, key);
    await chmod(path, mode);
    await using homie = new HomieFixture('mqtts://localhost:1', { ca: AUTHORITY, cert, key: path });
    await assert.rejects(homie.open(), { name: 'LinkError', message: says });
  });
}

test('a broker that lets us write but not read is served, and what cannot be done is said', options, async () => {
  await using broker = await startBroker({
    users: { reader: 'r', watcher: 'w' },
    acl: ['user reader', 'topic write homie/house/#', 'user watcher', 'topic readwrite #'],
  });
  await using observer = await observe(broker.url, { username: 'watcher', password: 'w' });
  await using homie = new HomieFixture(broker.url, { username: 'reader', password: 'r' });
  const opened = homie.open();
  await observer.shows('homie/house/$state', 'init');
  await retained(broker.url, { username: 'watcher', password: 'w' });
  await homie.clock.advance(5_000);
  await opened;
  await homie.write(reading(house(), {}), health(house(), 'ok'));
  await observer.shows('homie/house/$state', 'ready');
  assert.deepEqual(homie.log.of('warn'), [
    'the broker does not let us read homie/house/#: what earlier versions left there stays',
  ]);
});
