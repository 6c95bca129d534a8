import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipWithoutBroker, startBroker } from '../support/broker.js';
import { dummyToml } from '../support/environments.js';
import { observe } from '../support/mqtt-observer.js';
import { startProgram } from '../support/program.js';

const STATE = 'homie/dummy-smart-meter/$state';
const PASSWORD = 'correct horse battery staple';

test(
  'credentials that a broker refuses are said once, without the password, and take effect as soon as it knows them',
  { skip: skipWithoutBroker },
  async () => {
    await using broker = await startBroker({ users: { observer: 'o', meter: 'another password' } });
    await using observer = await observe(broker.url, { username: 'observer', password: 'o' });
    const toml = dummyToml({ url: broker.url }).replace('[mqtt]', '[mqtt]\nusername = "meter"');
    const settings = { 'dummy.toml': toml, 'dummy.secrets.toml': `[mqtt]\npassword = "${PASSWORD}"\n` };
    await using program = await startProgram({ args: ['run', 'dummy'], settings });
    await program.says(/no connection to the broker .*mqtt\.username and mqtt\.password do not give access/);
    broker.admit('meter', PASSWORD);
    await observer.shows(STATE, 'ready');
    await program.says(/connected again/);
    assert.equal(program.stderr().match(/trying again/g)?.length, 1);
    assert.equal(program.stderr().includes(PASSWORD), false);
    assert.equal((await program.end('SIGTERM')).code, 0);
  },
);

test(
  'a user whom the broker no longer knows after a restart is said, and served when it does',
  { skip: skipWithoutBroker },
  async () => {
    await using broker = await startBroker({ users: { observer: 'o' } });
    broker.admit('meter', PASSWORD);
    await using observer = await observe(broker.url, { username: 'observer', password: 'o' });
    const toml = dummyToml({ url: broker.url }).replace('[mqtt]', '[mqtt]\nusername = "meter"');
    const settings = { 'dummy.toml': toml, 'dummy.secrets.toml': `[mqtt]\npassword = "${PASSWORD}"\n` };
    await using program = await startProgram({ args: ['run', 'dummy'], settings });
    await observer.shows(STATE, 'ready');
    broker.admit('meter', 'changed by somebody');
    await broker.stop();
    await broker.start();
    await program.says(/dummy homie: lost the broker .*; trying again until it works/);
    observer.take();
    broker.admit('meter', PASSWORD);
    await observer.shows(STATE, 'ready');
    assert.equal(program.stderr().match(/trying again/g)?.length, 1);
  },
);
