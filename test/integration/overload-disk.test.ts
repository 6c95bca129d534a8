import assert from 'node:assert/strict';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { skipWithoutBroker, startBroker } from '../support/broker.js';
import { dummyToml } from '../support/environments.js';
import { fillerOf, skipWithoutFullDisk, underFullDisk } from '../support/full-disk.js';
import { observe } from '../support/mqtt-observer.js';
import { startProgram } from '../support/program.js';

const skip = skipWithoutBroker || skipWithoutFullDisk();
const STATE = 'homie/dummy-smart-meter/$state';
const TOTAL = 'homie/dummy-smart-meter/energy/imported-total';

test(
  'a full disk is said once, the meter is read on, and what could not be saved is saved when there is room',
  { skip },
  async () => {
    await using broker = await startBroker();
    await using observer = await observe(broker.url);
    await using program = await startProgram({
      args: ['run', 'dummy'],
      settings: { 'dummy.toml': dummyToml({ url: broker.url }) },
      under: (folder) => underFullDisk(join(folder, 'state')),
    });
    await program.says(/warn dummy: cannot save the state: ENOSPC: no space left on device/);
    await observer.shows(STATE, 'ready');
    observer.take();
    let readings = 0;
    await observer.until(({ topics }) => topics.has(TOTAL) && ++readings > 50, 'values');
    assert.equal(program.stderr().match(/cannot save/g)?.length, 1);

    const filler = fillerOf(program.pid, join(program.folder, 'state'));
    assert.ok((await stat(filler)).size > 0);
    await rm(filler);
    const { code } = await program.end('SIGTERM');
    assert.equal(code, 0);
    assert.match(program.stderr(), /info dummy: the state can be saved again/);
  },
);
