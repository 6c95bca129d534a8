import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { skipWithoutBroker, startBroker } from '../support/broker.js';
import { kamstrupToml, t210Toml } from '../support/environments.js';
import { observe } from '../support/mqtt-observer.js';
import { plugInMultical } from '../support/multical.js';
import { notifySocket, skipWithoutNotify } from '../support/notify-socket.js';
import { startProgram } from '../support/program.js';
import { ptyPair } from '../support/pty.js';
import { ROOT } from '../support/source.js';
import { KEYS, plugInT210, secretsToml } from '../support/t210.js';
import { skipWithout } from '../support/tool.js';

const skip = skipWithoutBroker || skipWithoutNotify || skipWithout('strace', 'systemd-analyze') || skipWithoutTracing();

test(
  'a run with two meters on serial ports, a broker and systemd uses no system call that the unit forbids',
  { skip },
  async () => {
    await using broker = await startBroker();
    await using observer = await observe(broker.url);
    await using systemd = await notifySocket();
    await using p1 = await ptyPair();
    await using head = await ptyPair();
    await using _t210 = await plugInT210(p1.far, { keys: KEYS });
    await using _multical = await plugInMultical(head.far);
    await using program = await startProgram({
      args: ['run', 't210', 'kamstrup_403'],
      settings: {
        't210.toml': t210Toml({ id: 'electric', name: 'T210', url: broker.url, path: p1.near }),
        't210.secrets.toml': secretsToml(KEYS),
        'kamstrup_403.toml': kamstrupToml({
          id: 'heat',
          name: 'Heat',
          url: broker.url,
          path: head.near,
          client: 'poll_interval = "1s"',
        }),
      },
      env: { NOTIFY_SOCKET: systemd.path, WATCHDOG_USEC: '2000000' },
      // With -D it is strace that is the child, which ends when the program does.
      under: (folder) => ['strace', '-D', '-f', '-qq', '-c', '-o', join(folder, 'syscalls')],
    });
    await observer.shows('homie/electric/$state', 'ready');
    await observer.shows('homie/heat/$state', 'ready');
    await systemd.tells(/^READY=1$/);
    await systemd.tells(/^WATCHDOG=1$/, systemd.told.length);
    await broker.kill();
    await program.says(/trying again/);
    await broker.start();
    await program.says(/connected again/);
    await head.unplug();
    await program.says(/kamstrup_403: meter failing/);
    assert.equal((await program.end('SIGTERM')).code, 0);

    const used = syscallsIn(readFileSync(join(program.folder, 'syscalls'), 'utf8'));
    assert.ok(used.has('epoll_wait') || used.has('epoll_pwait'), [...used].join(' '));
    assert.ok(used.has('execve'), [...used].join(' '));
    const allowed = allowedByUnit();
    assert.deepEqual(
      [...used].filter((name) => !allowed.has(name)),
      [],
    );
  },
);

/** The names in the table that `strace -c` writes: they are its last column, below a line of dashes and above another. */
function syscallsIn(table: string): ReadonlySet<string> {
  const rows = table.split(/^-[- ]+$/m)[1] ?? '';
  return new Set(rows.split('\n').flatMap((row) => row.trim().split(/\s+/).at(-1) || []));
}

/** What the lines `SystemCallFilter=` of the unit come to. A line that begins with `~` takes away. systemd.exec(5). */
function allowedByUnit(): ReadonlySet<string> {
  const unit = readFileSync(join(ROOT, 'etc', 'smart-meter-reader@.service'), 'utf8');
  const groups = syscallGroups();
  const allowed = new Set<string>();
  for (const [, not, names = ''] of unit.matchAll(/^SystemCallFilter=(~?)(.*)$/gm)) {
    for (const name of names.split(' ').flatMap((one) => expand(one, groups))) {
      if (not) allowed.delete(name);
      else allowed.add(name);
    }
  }
  return allowed;
}

/** The groups of system calls as the installed systemd knows them. */
function syscallGroups(): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  let members: string[] = [];
  for (const line of execFileSync('systemd-analyze', ['syscall-filter'], { encoding: 'utf8' }).split('\n')) {
    if (line.startsWith('@')) groups.set(line.trim(), (members = []));
    else if (/^ +[@a-z_]/.test(line)) members.push(line.trim());
  }
  return groups;
}

function expand(name: string, groups: ReadonlyMap<string, readonly string[]>): string[] {
  return groups.get(name)?.flatMap((member) => expand(member, groups)) ?? [name];
}

function skipWithoutTracing(): string | false {
  try {
    execFileSync('strace', ['-f', '-c', 'true'], { stdio: 'pipe' });
    return false;
  } catch (error) {
    return `no right to trace: ${error instanceof Error ? error.message : String(error)}`;
  }
}
