import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { skipWithoutBroker, startBroker } from '../support/broker.js';
import { dummyToml } from '../support/environments.js';
import { skipWithoutFullDisk, underFullDisk } from '../support/full-disk.js';
import { observe, retained } from '../support/mqtt-observer.js';
import { startProgram } from '../support/program.js';

const STATE = 'homie/dummy-smart-meter/$state';
const RECEIVED = 'homie/dummy-smart-meter/meter/received-at';

test(
  'a broker whose disk is full is served, and when it has forgotten everything it is told everything again',
  { skip: skipWithoutBroker || skipWithoutFullDisk() },
  async () => {
    await using broker = await startBroker({
      persistence: true,
      config: ['persistence_file full/mosquitto.db', 'autosave_on_changes true', 'autosave_interval 1'],
      under: (folder) => underFullDisk(join(folder, 'full')),
    });
    await using observer = await observe(broker.url);
    const settings = { 'dummy.toml': dummyToml({ url: broker.url }) };
    await using program = await startProgram({ args: ['run', 'dummy'], settings });
    await observer.shows(STATE, 'ready');
    const before = [...(await retained(broker.url)).keys()].sort();
    assert.doesNotMatch(program.stderr(), /warn|error/);

    await broker.stop();
    await broker.start();
    const now = new Date().toISOString();
    await observer.until(({ topics }) => topics.get(STATE) === 'ready' && (topics.get(RECEIVED) ?? '') > now, 'a current value');
    await program.says(/connected again/);
    assert.deepEqual([...(await retained(broker.url)).keys()].sort(), before);
  },
);
