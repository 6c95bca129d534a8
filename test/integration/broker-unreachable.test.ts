import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { skipWithoutBroker } from '../support/broker.js';
import { startBrokerProxy } from '../support/broker-proxy.js';
import { dummyToml } from '../support/environments.js';
import { observe } from '../support/mqtt-observer.js';
import { skipWithoutNetwork, startNetwork, type Network } from '../support/network.js';
import { startProgram } from '../support/program.js';
import { toolPath } from '../support/tool.js';

const STATE = 'homie/dummy-smart-meter/$state';
const RECEIVED = 'homie/dummy-smart-meter/meter/received-at';

test(
  'a network that swallows every packet is noticed, and the broker behind it served with current values afterwards',
  { skip: skipWithoutBroker || skipWithoutNetwork() },
  async () => {
    await using network = await startNetwork();
    await using broker = await startBrokerIn(network);
    // The observer is outside, and hears of the broker by a socket in the file system: its own packets are not lost.
    await using door = await startBrokerProxy(broker.path);
    await using observer = await observe(door.url);
    const settings = { 'dummy.toml': dummyToml({ url: 'mqtt://127.0.0.1:1883' }) };
    await using program = await startProgram({ args: ['run', 'dummy'], settings, under: () => network.under });
    await observer.shows(STATE, 'ready');

    network.down();
    await program.says(/dummy homie: lost the broker \S+: it (gives no sign of life|acknowledged nothing for 30 s)/);
    await observer.shows(STATE, 'lost');
    const upAt = new Date().toISOString();
    observer.take();
    network.up();
    await observer.shows(STATE, 'ready');
    await program.says(/connected again/);
    const times = observer.seen.flatMap(({ topic, payload }) => (topic === RECEIVED ? [payload] : []));
    assert.ok((times.at(-1) ?? '') > upAt);
    // What the kernel still had to send on the old connection may arrive, but never after what is newer.
    assert.deepEqual(times, [...times].sort());
    assert.equal(program.stderr().match(/trying again/g)?.length, 1);
    assert.equal((await program.end('SIGTERM')).code, 0);
  },
);

/** A Mosquitto that listens in a network of its own, and at a path. */
async function startBrokerIn(network: Network): Promise<{ readonly path: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'broker-'));
  const path = join(folder, 'socket');
  const config = ['listener 1883 127.0.0.1', `listener 0 ${path}`, 'allow_anonymous true', 'user root'];
  await writeFile(join(folder, 'conf'), `${config.join('\n')}\n`);
  const [nsenter, ...enter] = network.under;
  const mosquitto = spawn(nsenter, [...enter, toolPath('mosquitto') ?? '', '-c', join(folder, 'conf')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  for await (const line of createInterface({ input: mosquitto.stderr })) if (line.includes(' running')) break;
  mosquitto.stderr.resume();
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      const exit = once(mosquitto, 'exit');
      mosquitto.kill();
      await exit;
      await rm(folder, { recursive: true });
    },
  };
}
