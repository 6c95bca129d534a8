import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { freePort, skipWithoutBroker, startBroker } from '../support/broker.js';
import { ROOT } from '../support/source.js';

const options = { skip: skipWithoutBroker, timeout: 30_000 };
const example = await readFile(join(ROOT, 'etc', 'mosquitto-smart-meter-reader.conf'), 'utf8');

test('Mosquitto takes the example beside its own configuration and listens', options, async () => {
  const port = await freePort();
  await listens(example.replace('listener 1883 localhost', `listener ${port} localhost`), port);
});

test('Mosquitto takes the variant with passwords too', options, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mosquitto-'));
  const passwords = join(folder, 'passwords');
  await writeFile(passwords, '', { mode: 0o600 });
  const port = await freePort();
  const variant = example
    .replace(/^(listener|allow_anonymous)/gm, '#')
    .replace('#listener 1883\n', `listener ${port}\n`)
    .replace('#allow_anonymous false', 'allow_anonymous false')
    .replace('#password_file /etc/mosquitto/passwords', `password_file ${passwords}`);
  await listens(variant, port);
  await rm(folder, { recursive: true });
});

/** Passes when a broker with this addition to its configuration takes a connection on the port. */
async function listens(config: string, port: number): Promise<void> {
  await using broker = await startBroker({ config: config.split('\n') });
  assert.notEqual(broker.port, port);
  const socket = connect(port, 'localhost');
  await once(socket, 'connect');
  socket.destroy();
}
