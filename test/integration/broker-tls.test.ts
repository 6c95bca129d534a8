import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipWithoutBroker, startBroker } from '../support/broker.js';
import { dummyToml } from '../support/environments.js';
import { AUTHORITY, ELSEWHERE, LOCALHOST } from '../support/mqtt-certificates.js';
import { observe } from '../support/mqtt-observer.js';
import { startProgram } from '../support/program.js';

const skip = { skip: skipWithoutBroker };
const STATE = 'homie/dummy-smart-meter/$state';

/** The files that a user would make, in the folder of the settings. */
const FILES = { 'ca.pem': AUTHORITY, 'client.pem': ELSEWHERE.cert, 'client.key': ELSEWHERE.key };
const CERTIFICATE = 'ca = "settings/ca.pem"\ncert = "settings/client.pem"\nusername = "meter"\n';
const SECRETS = '[mqtt]\nkey = "settings/client.key"\npassword = "correct horse"\n';

test(
  'a broker that wants TLS, a certificate of ours, a user and a password gets them from files, after a restart too',
  skip,
  async () => {
    await using broker = await startBroker({
      tls: LOCALHOST,
      clientAuthority: AUTHORITY,
      users: { meter: 'correct horse', observer: 'o' },
    });
    await using observer = await observe(broker.url, { username: 'observer', password: 'o', ca: AUTHORITY, ...ELSEWHERE });
    const toml = dummyToml({ url: broker.url }).replace('[mqtt]\n', `[mqtt]\n${CERTIFICATE}`);
    await using program = await startProgram({
      args: ['run', 'dummy'],
      settings: { ...FILES, 'dummy.toml': toml, 'dummy.secrets.toml': SECRETS },
    });
    await observer.shows(STATE, 'ready');
    await broker.stop();
    await broker.start();
    observer.take();
    await observer.shows(STATE, 'ready');
    assert.doesNotMatch(program.stderr(), /unencrypted|not used/);
    assert.equal((await program.end('SIGTERM')).code, 0);
  },
);

test('credentials that go to another host without TLS, and settings for TLS without it, are warned of by run and by check', async () => {
  // RFC 6761, section 6.4: no host of this name will ever be.
  const toml = dummyToml({ url: 'mqtt://broker.invalid:1883' }).replace('[mqtt]\n', `[mqtt]\n${CERTIFICATE}`);
  const settings = { ...FILES, 'dummy.toml': toml, 'dummy.secrets.toml': SECRETS };
  const unencrypted = /dummy homie: user name and password go to mqtt:\/\/broker\.invalid:1883 unencrypted/;
  const unused = /dummy homie: mqtt\.ca, mqtt\.cert, mqtt\.key: not used, since mqtt:\/\/broker\.invalid:1883 is without TLS/;
  await using check = await startProgram({ args: ['check', 'dummy'], settings });
  assert.equal((await check.exit).code, 0);
  assert.match(check.stdout(), unencrypted);
  assert.match(check.stdout(), unused);
  await using program = await startProgram({ args: ['run', 'dummy'], settings });
  await program.says(unencrypted);
  await program.says(unused);
  assert.equal((await program.end('SIGTERM')).code, 0);
  assert.equal(program.stderr().match(/unencrypted/g)?.length, 1);
});
