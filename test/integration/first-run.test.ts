import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freePort, skipWithoutBroker, startBroker } from '../support/broker.js';
import { dummyToml } from '../support/environments.js';
import { AUTHORITY, LOCALHOST } from '../support/mqtt-certificates.js';
import { observe } from '../support/mqtt-observer.js';
import { startProgram } from '../support/program.js';

const STATE = 'homie/dummy-smart-meter/$state';

test('the demo brings a broker along, says where to look, and shows what is published', async () => {
  const url = `mqtt://localhost:${await freePort()}`;
  await using program = await startProgram({ args: ['demo'], settings: { 'dummy.toml': dummyToml({ url }) } });
  await program.says(/first reading received/);
  await using observer = await observe(url, { mqtt3: true });
  await observer.shows(STATE, 'ready');
  await observer.until(
    () => /homie\/dummy-smart-meter\/energy\/imported-total \d+\.\d+\n/.test(program.stdout()),
    'a value on standard output',
  );
  assert.match(program.stdout(), new RegExp(`^No broker was listening at ${url}: started one there`));
  assert.ok(program.stdout().includes(`mosquitto_sub -L ${url}/homie/# -v`));
  const { code, afterMs } = await program.end('SIGTERM');
  assert.equal(code, 0);
  assert.ok(afterMs < 5_000, `${afterMs} ms`);
});

test('the demo uses a broker that is there', { skip: skipWithoutBroker }, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using program = await startProgram({ args: ['demo'], settings: { 'dummy.toml': dummyToml({ url: broker.url }) } });
  await observer.shows(STATE, 'ready');
  assert.ok(program.stdout().startsWith(`Using the broker at ${broker.url}.\n`));
  assert.equal((await program.end('SIGINT')).code, 0);
  await observer.shows(STATE, 'disconnected');
});

test('the demo shows what a broker with TLS has', { skip: skipWithoutBroker }, async () => {
  await using broker = await startBroker({ tls: LOCALHOST, users: { meter: 'correct horse' } });
  const toml = dummyToml({ url: broker.url }).replace('[mqtt]\n', '[mqtt]\nca = "settings/ca.pem"\nusername = "meter"\n');
  await using program = await startProgram({
    args: ['demo'],
    settings: { 'ca.pem': AUTHORITY, 'dummy.toml': toml, 'dummy.secrets.toml': '[mqtt]\npassword = "correct horse"\n' },
  });
  await program.shows(/homie\/dummy-smart-meter\/energy\/imported-total \d+\.\d+\n/);
  assert.equal((await program.end('SIGTERM')).code, 0);
});
