import assert from 'node:assert/strict';
import { once } from 'node:events';
import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { skipWithoutBroker, startBroker } from '../support/broker.js';
import { dummyToml, kamstrupToml, t210Toml } from '../support/environments.js';
import { observe, type Observer } from '../support/mqtt-observer.js';
import { startProgram } from '../support/program.js';
import { ptyPair } from '../support/pty.js';
import { listeningSockets } from '../support/sockets.js';
import { KEYS, plugInT210, secretsToml } from '../support/t210.js';
import { freePort } from '../support/tcp-server.js';

const skip = { skip: skipWithoutBroker };
const LINUX = { skip: process.platform !== 'linux' && 'only Linux has /proc' };

const ready = (observer: Observer, id: string): Promise<void> =>
  observer.until(({ topics }) => topics.get(`homie/${id}/$state`) === 'ready', `${id} is ready`);

/** Resolves when the port takes connections. */
async function connected(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const taken = await once(socket, 'connect').catch(() => undefined);
    socket.destroy();
    if (taken) return;
    await setTimeout(20);
  }
}

test('what listens is found', LINUX, async (context) => {
  const path = join(mkdtempSync(join(tmpdir(), 'exposure-')), 'socket');
  const [tcp, unix] = [createServer().listen(0, '127.0.0.1'), createServer().listen(path)];
  context.after(() => {
    tcp.close();
    unix.close();
    rmSync(dirname(path), { recursive: true });
  });
  await Promise.all([once(tcp, 'listening'), once(unix, 'listening')]);
  const { port } = tcp.address() as AddressInfo;
  assert.deepEqual(listeningSockets(process.pid), [`tcp 127.0.0.1:${port}`, `unix ${path}`]);
});

test('with two kinds of meters, a broker and a signal to read now, nothing listens', skip, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using pty = await ptyPair();
  await using _meter = await plugInT210(pty.far, { keys: KEYS });
  await using program = await startProgram({
    args: ['run', 't210', 'heat', 'dummy'],
    settings: {
      't210.toml': t210Toml({ id: 't210', name: 'Meter', url: broker.url, path: pty.near }),
      't210.secrets.toml': secretsToml(KEYS),
      'heat.toml': kamstrupToml({ id: 'heat', name: 'Heat', url: broker.url, path: await freePort() }),
      'dummy.toml': dummyToml({ url: broker.url, id: 'dummy' }),
    },
  });
  await ready(observer, 't210');
  await ready(observer, 'dummy');
  assert.deepEqual(listeningSockets(program.pid), []);
  // By Node's own rule this signal opens a debugger, which listens.
  program.signal('SIGUSR1');
  observer.take();
  await observer.until((seen) => seen.take().some((line) => line.startsWith('homie/dummy/')), 'the program goes on');
  assert.deepEqual(listeningSockets(program.pid), []);
  assert.doesNotMatch(program.stderr(), /Debugger listening/);
});

test('with share_port and metrics their ports listen, for this machine alone, and nothing else does', skip, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using pty = await ptyPair();
  await using _meter = await plugInT210(pty.far, { keys: KEYS });
  const ports = [await freePort(), await freePort()].sort((a, b) => a - b);
  const toml = t210Toml({ id: 't210', name: 'Meter', url: broker.url, path: pty.near, client: `share_port = ${ports[0]}` });
  await using program = await startProgram({
    args: ['run', 't210'],
    settings: { 't210.toml': `${toml}[sinks.metrics]\nport = ${ports[1]}\n`, 't210.secrets.toml': secretsToml(KEYS) },
  });
  await ready(observer, 't210');
  await program.says(/telegrams are passed on/);
  await connected(ports[1] ?? 0);
  assert.deepEqual(listeningSockets(program.pid), ports.map((port) => `tcp 127.0.0.1:${port}`).sort());
});

for (const umask of ['000', '022', '777']) {
  test(`with umask ${umask} the state is for its owner alone`, skip, async () => {
    await using broker = await startBroker();
    await using observer = await observe(broker.url);
    await using program = await startProgram({
      args: ['run', 'dummy'],
      settings: { 'dummy.toml': dummyToml({ url: broker.url, id: 'dummy' }) },
      env: { STATE_DIRECTORY: 'kept/state' },
      under: () => ['sh', '-c', `umask ${umask}; exec "$@"`, 'sh'],
    });
    await ready(observer, 'dummy');
    assert.equal((await program.end('SIGTERM')).code, 0);
    assert.deepEqual(modesBelow(program.folder, 'kept'), ['kept 700', 'kept/state 700', 'kept/state/dummy.json 600']);
  });
}

/** Every file and folder with its mode, in order. */
function modesBelow(root: string, folder: string): string[] {
  const names = ['', ...readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })].map((name) => join(folder, name));
  return names.sort().map((name) => `${name} ${(lstatSync(join(root, name)).mode & 0o777).toString(8)}`);
}
