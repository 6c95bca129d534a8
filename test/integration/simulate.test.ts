import assert from 'node:assert/strict';
import { access, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { kamstrupToml, t210Toml } from '../support/environments.js';
import { MAIN, startProgram } from '../support/program.js';
import { simulate } from '../support/simulate.js';
import { atTerminal } from '../support/terminal.js';
import { skipWithout } from '../support/tool.js';

const skip = { skip: skipWithout('socat') };
/** Nothing listens there: recording publishes nothing. */
const url = 'mqtt://127.0.0.1:9';

/** The settings that `simulate` shows, completed to those of an environment. */
function shownSettings(stdout: string): { readonly client: string; readonly secrets: string } {
  const [, client = ''] = /\n( {4}\[client\]\n(?: {4}.*\n)+)/.exec(stdout) ?? [];
  const [, secrets = ''] = /\.secrets\.toml:\n\n((?: {4}.*\n)+)/.exec(stdout) ?? [];
  return { client, secrets };
}

test('a T210 at a serial port is read with the settings and keys that it shows', skip, async () => {
  await using meter = await simulate('t210', '--interval', '0.2');
  const { client, secrets } = shownSettings(meter.program.stdout());
  await using recorder = await startProgram({
    args: ['record', 'sim', '-o', 'sim.capture'],
    settings: { 'sim.toml': `[device]\nid = "sim"\n[sinks.homie]\n${client}`, 'sim.secrets.toml': secrets },
  });
  await recorder.says(/first reading received/);
  assert.equal((await recorder.end('SIGINT')).code, 0, recorder.stderr());
  await meter.program.shows(/the reader has gone/);

  // The next reader finds the port again, and a frame counter that has gone on.
  const next = await recorder.again(['record', 'sim', '-o', 'again.capture']);
  await next.says(/first reading received/);
  await next.end('SIGINT');
  const { code, signal } = await meter.program.end('SIGINT');
  assert.deepEqual([code, signal], [0, null]);
  await assert.rejects(access(meter.at), 'the port is gone');
});

test('DSMR 5 and Fluvius meters are read over TCP without socat, with gas and water', async () => {
  for (const [name, paths] of [
    ['dsmr5', ['grid/voltage-l1', 'gas']],
    ['fluvius', ['demand/current', 'gas', 'water']],
  ] as const) {
    await using meter = await simulate(name, '--port', '0', '--interval', '0.2');
    const { client } = shownSettings(meter.program.stdout());
    await using recorder = await startProgram({
      args: ['record', 'sim', '-o', 'sim.capture'],
      settings: { 'sim.toml': `[device]\nid = "sim"\n[sinks.homie]\n${client}` },
    });
    await recorder.says(/first reading received/);
    await recorder.end('SIGINT');
    const replayed = await recorder.again(['replay', 'sim', 'sim.capture']);
    assert.equal((await replayed.exit).code, 0, replayed.stderr());
    for (const path of paths) assert.match(replayed.stdout(), new RegExp(path), name);
  }
});

test('a Multical that echoes and damages some answers is read all the same', async () => {
  await using meter = await simulate('multical403', '--port', '0', '--fault', 'echo,corruption=50%', '--seed', '42');
  const toml = kamstrupToml({
    id: 'heat',
    name: 'Heat',
    url,
    path: Number(meter.at.split(':').at(-1)),
    client: 'poll_interval = "1s"',
  });
  await using recorder = await startProgram({ args: ['record', 'heat', '-o', 'heat.capture'], settings: { 'heat.toml': toml } });
  await recorder.says(/first reading received/);
  await meter.program.shows(/ corruption\n/);
  assert.equal((await recorder.end('SIGINT')).code, 0);
});

test('a cable that is unplugged is lost to its reader and comes back', skip, async () => {
  await using meter = await simulate('t210', '--interval', '0.2', '--fault', 'unplug=20%');
  const toml = t210Toml({ id: 'e', name: 'E', url, path: meter.at });
  await using recorder = await startProgram({ args: ['record', 'e', '-o', 'e.capture'], settings: { 'e.toml': toml } });
  await meter.program.shows(/ unplugged\n/);
  await recorder.says(/lost .*t210\.tty: its adapter was unplugged/);
  await meter.program.shows(/plugged in again\n/);
});

test('what cannot be simulated is said in words', skip, async () => {
  for (const [args, code, says] of [
    [['simulate'], 64, /name one meter of t210, dsmr5, fluvius, multical403/],
    [['simulate', 't210', '--fault', 'rain=5%'], 64, /--fault "rain=5%" is not understood: expected one such as corruption=5%/],
    [['simulate', 'dsmr5', '--fault', 'replay'], 64, /of corruption, truncation, noise, glue, silence, unplug/],
    [['simulate', 't210', '--port', 'usb'], 64, /--port takes a whole number from 0 to 65535/],
    [
      ['simulate', 't210', '--pty', 'no/such/folder'],
      69,
      /cannot make a serial port at .*no\/such\/folder: .*A TCP port needs nothing: --port 2001/s,
    ],
  ] as const) {
    await using program = await startProgram({ args });
    assert.equal((await program.exit).code, code, program.stderr());
    assert.match(program.stderr(), says);
  }
  await using without = await startProgram({ args: ['simulate', 't210'], env: { PATH: '/nowhere' } });
  assert.equal((await without.exit).code, 69);
  assert.match(
    without.stderr(),
    /socat, which makes pseudo-terminals, is not installed \(apt-get install socat\)\n {2}A TCP port needs/,
  );
});

test('a port is made in place of one that a killed program has left, never in place of a file', skip, async () => {
  await using program = await startProgram({ args: ['--version'] });
  await program.exit;
  const path = join(program.folder, 'meter');
  await writeFile(path, 'mine');
  const refused = await program.again(['simulate', 't210', '--pty', 'meter']);
  assert.equal((await refused.exit).code, 69);
  assert.match(refused.stderr(), /something is there already/);
  await symlink('/dev/pts/no-such', join(program.folder, 'left'));
  const made = await program.again(['simulate', 't210', '--pty', 'left']);
  await made.shows(/simulated at .*left\. /);
  assert.equal((await made.end('SIGTERM')).code, 0);
});

test('at a terminal keys switch faults on and off, and q ends it', { skip: skipWithout('script') }, async () => {
  const command = `'${process.execPath}' '${MAIN}' simulate dsmr5 --port 0`;
  const answers = [
    [/Keys: c corruption, .*; q ends it/, 'c'],
    [/ corruption on/, 'c'],
    [/ corruption off/, 'u'],
    [/ unplugged/, 'u'],
    [/ plugged in again/, 'q'],
  ] as const;
  const { code, answered, shown } = await atTerminal(command, answers);
  assert.deepEqual([code, answered], [0, answers.length], shown);
});
