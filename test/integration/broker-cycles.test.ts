import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { skipWithoutBroker, startBroker } from '../support/broker.js';
import { startBrokerProxy } from '../support/broker-proxy.js';
import { energyNode, health, HomieFixture, house, reading } from '../support/mqtt-homie.js';
import { retained } from '../support/mqtt-observer.js';

const CYCLES = 1_000;
const WARM_UP = 200;
const HOUSE = house({ energy: energyNode('imported-total') });

test(
  `a broker that is lost ${CYCLES} times leaves no descriptor, no timer, no memory, and holds the newest value`,
  { skip: skipWithoutBroker, timeout: 240_000 },
  async () => {
    await using broker = await startBroker();
    await using proxy = await startBrokerProxy(broker.port);
    await using homie = new HomieFixture(proxy.url);
    await homie.open();
    const cycle = async (total: number): Promise<void> => {
      await homie.write(reading(HOUSE, { 'energy/imported-total': total }), health(HOUSE, 'ok'));
      proxy.cut();
      await homie.lost;
      await homie.reopen();
    };
    for (let total = 0; total < WARM_UP; total++) await cycle(total);
    const before = await occupied();
    const sleeping = homie.clock.sleeping;
    for (let total = WARM_UP; total < WARM_UP + CYCLES; total++) await cycle(total);
    const after = await occupied();
    assert.equal(after.descriptors, before.descriptors);
    assert.deepEqual(after.resources, before.resources);
    assert.equal(homie.clock.sleeping, sleeping);
    assert.ok(after.bytes - before.bytes < 2_000_000, `${after.bytes - before.bytes} bytes`);
    await homie.write(health(HOUSE, 'ok'));
    assert.equal((await retained(broker.url)).get('homie/house/energy/imported-total'), String(WARM_UP + CYCLES - 1));
  },
);

interface Occupied {
  readonly descriptors: number;
  readonly resources: readonly string[];
  readonly bytes: number;
}

/** What this process has open, once what was closed is gone. */
async function occupied(): Promise<Occupied> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  await sleep(200);
  collect();
  return {
    descriptors: (await readdir('/proc/self/fd')).length,
    resources: process.getActiveResourcesInfo().sort(),
    bytes: process.memoryUsage().heapUsed,
  };
}
