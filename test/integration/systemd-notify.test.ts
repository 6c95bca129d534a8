import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { skipWithoutBroker, startBroker } from '../support/broker.js';
import { dummyToml, t210Toml } from '../support/environments.js';
import { observe } from '../support/mqtt-observer.js';
import { notifySocket, skipWithoutNotify, type NotifySocket } from '../support/notify-socket.js';
import { startProgram } from '../support/program.js';
import { ptyPair } from '../support/pty.js';
import { KEYS, plugInT210, secretsToml } from '../support/t210.js';

const skip = { skip: skipWithoutBroker || skipWithoutNotify };

const signs = ({ told }: NotifySocket): number => told.filter((assignment) => assignment === 'WATCHDOG=1').length;

/** Resolves when no sign of life has come for so long; a few that were on their way may come before. @throws when they go on */
async function endOfSigns(systemd: NotifySocket, quietMs: number): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const before = signs(systemd);
    await sleep(quietMs);
    if (signs(systemd) === before) return;
  }
  assert.fail('signs of life go on');
}

/** The option of Node that has a file of `support/preload` run before the program. */
const preload = (name: string): readonly string[] => ['--import', new URL(`../support/preload/${name}.js`, import.meta.url).href];

test('systemd is told that the program is ready, how the meter is, and that it stops', skip, async () => {
  await using broker = await startBroker();
  await using systemd = await notifySocket();
  await using program = await startProgram({
    args: ['run', 'dummy'],
    settings: { 'dummy.toml': dummyToml({ url: broker.url }) },
    env: { NOTIFY_SOCKET: systemd.path },
  });
  await systemd.tells(/^READY=1$/);
  await systemd.tells(/^STATUS=dummy-smart-meter: ok$/);
  assert.equal((await program.end('SIGTERM')).code, 0);
  await systemd.tells(/^STOPPING=1$/);
  assert.equal(systemd.told.filter((assignment) => assignment === 'READY=1').length, 1);
  assert.equal(signs(systemd), 0);
});

test('a meter that is silent is told of, and the program is ready when it speaks', skip, async () => {
  await using broker = await startBroker();
  await using systemd = await notifySocket();
  await using pty = await ptyPair();
  const device = { id: 'electric-smart-meter', name: 'T210', url: broker.url, path: pty.near };
  await using program = await startProgram({
    args: ['run', 'dummy', 't210'],
    settings: {
      'dummy.toml': dummyToml({ url: broker.url }),
      't210.toml': t210Toml({ ...device, client: 'period = "1s"' }),
      't210.secrets.toml': secretsToml(KEYS),
    },
    env: { NOTIFY_SOCKET: systemd.path },
  });
  await systemd.tells(/^STATUS=dummy-smart-meter: ok; electric-smart-meter: silent, nothing heard from the meter for 3 s$/);
  assert.ok(!systemd.told.includes('READY=1'));
  await using _meter = await plugInT210(pty.far, { keys: KEYS });
  await systemd.tells(/^READY=1$/);
  await systemd.tells(/^STATUS=dummy-smart-meter: ok; electric-smart-meter: ok$/);
  assert.equal((await program.end('SIGTERM')).code, 0);
});

test('signs of life are given while a broker is away, and end when the event loop is blocked', skip, async () => {
  await using broker = await startBroker();
  await broker.stop();
  await using systemd = await notifySocket();
  await using program = await startProgram({
    args: ['run', 'dummy'],
    settings: { 'dummy.toml': dummyToml({ url: broker.url }) },
    env: { NOTIFY_SOCKET: systemd.path, WATCHDOG_USEC: '1000000' },
    node: preload('block-on-usr2'),
  });
  await program.says(/trying again/);
  for (let n = 0; n < 3; n++) await systemd.tells(/^WATCHDOG=1$/, systemd.told.length);
  program.signal('SIGUSR2');
  await program.says(/blocked/);
  await endOfSigns(systemd, 2_000);
});

test('signs of life end when a client neither reads nor ends, though everything else goes on', skip, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using systemd = await notifySocket();
  await using program = await startProgram({
    args: ['run', 'dummy'],
    settings: { 'dummy.toml': dummyToml({ url: broker.url }) },
    env: { NOTIFY_SOCKET: systemd.path, WATCHDOG_USEC: '4000000' },
    node: preload('stuck-client'),
  });
  await systemd.tells(/^WATCHDOG=1$/);
  await observer.shows('homie/dummy-smart-meter/$state', 'alert');
  await program.says(/systemd: stuck, so the watchdog may restart the program: the client of dummy is silent and does not end/);
  await systemd.tells(/^STATUS=dummy-smart-meter: silent, /);
  await endOfSigns(systemd, 4_500);
});

test('a task of the pipeline that dies does not leave the process behind', skip, async () => {
  await using broker = await startBroker();
  await using program = await startProgram({
    args: ['run', 'dummy'],
    settings: { 'dummy.toml': dummyToml({ url: broker.url }) },
    node: preload('dying-fan-out'),
  });
  assert.equal((await program.exit).code, 70);
  assert.match(program.stderr(), /an error in the program: Error: the fan-out died/);
});

test('a second SIGTERM ends the program at once', skip, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using systemd = await notifySocket();
  await using program = await startProgram({
    args: ['run', 'dummy'],
    settings: { 'dummy.toml': dummyToml({ url: broker.url }) },
    env: { NOTIFY_SOCKET: systemd.path },
  });
  await observer.shows('homie/dummy-smart-meter/$state', 'ready');
  broker.pause();
  program.signal('SIGTERM');
  // Before the first was taken, both would be one to the kernel.
  await systemd.tells(/^STOPPING=1$/);
  const { code, afterMs } = await program.end('SIGTERM');
  broker.resume();
  assert.equal(code, 0);
  // Without the second one it takes four seconds from the first.
  assert.ok(afterMs < 3_000, `${afterMs} ms`);
});
