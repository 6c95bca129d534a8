import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { skipWithoutBroker, startBroker } from '../support/broker.js';
import { dummyToml } from '../support/environments.js';
import { observe } from '../support/mqtt-observer.js';
import { notifySocket, skipWithoutNotify } from '../support/notify-socket.js';
import { startProgram } from '../support/program.js';
import { skipWithout, toolPath } from '../support/tool.js';

/** A mount namespace of its own; a user namespace too, so that it need not be root who tests. */
const UNSHARE = [toolPath('unshare') ?? 'unshare', '--user', '--map-root-user', '--mount', '--propagation', 'private'] as const;

/** Makes every file system read-only but `$1`, gives up all rights, and becomes the command that follows: as the unit has it. */
const CONFINE = `
set -eu
writable=$1; shift
mount --bind "$writable" "$writable"
cut -d' ' -f5,6 /proc/self/mountinfo | while read -r point options; do
  [ "$point" = "$writable" ] || mount -o "remount,bind,$options,ro" "$point" 2>/dev/null || :
done
if touch /confined 2>/dev/null || touch /tmp/confined 2>/dev/null; then echo 'the system is not read-only' >&2; exit 1; fi
exec setpriv --no-new-privs --bounding-set=-all --inh-caps=-all --ambient-caps=-all "$@"
`;

const skip = skipWithoutBroker || skipWithoutNotify || skipWithout('unshare', 'setpriv') || skipWithoutNamespaces();

test(
  'without any capability, on a read-only system, the program reads, publishes, remembers and tells systemd',
  { skip },
  async () => {
    await using broker = await startBroker();
    await using observer = await observe(broker.url);
    await using systemd = await notifySocket();
    await using program = await startProgram({
      args: ['run', 'dummy'],
      settings: { 'dummy.toml': dummyToml({ url: broker.url }) },
      env: { NOTIFY_SOCKET: systemd.path },
      under: (folder) => {
        mkdirSync(join(folder, 'state'));
        return [...UNSHARE, '/bin/sh', '-c', CONFINE, 'sh', join(folder, 'state')];
      },
    });
    await observer.shows('homie/dummy-smart-meter/$state', 'ready');
    await systemd.tells(/^READY=1$/);
    const status = readFileSync(`/proc/${program.pid}/status`, 'utf8');
    assert.match(status, /^CapEff:\t0+$/m);
    assert.match(status, /^CapBnd:\t0+$/m);
    assert.match(status, /^NoNewPrivs:\t1$/m);
    assert.equal((await program.end('SIGTERM')).code, 0);
    await systemd.tells(/^STOPPING=1$/);
    assert.doesNotMatch(program.stderr(), /warn|error/);
    assert.deepEqual(readdirSync(join(program.folder, 'state')), ['dummy.json']);
  },
);

/** Whether this machine lets us make namespaces and mount in them: containers often do not. */
function skipWithoutNamespaces(): string | false {
  try {
    execFileSync(UNSHARE[0], [...UNSHARE.slice(1), 'mount', '--bind', '/tmp', '/tmp'], { stdio: 'pipe' });
    return false;
  } catch (error) {
    return `no right to make namespaces and mount in them: ${error instanceof Error ? error.message : String(error)}`;
  }
}
