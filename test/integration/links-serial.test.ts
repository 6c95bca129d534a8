import assert from 'node:assert/strict';
import { chmod, chown, mkdtemp, realpath, rename, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { skipWithoutBroker, startBroker, type Broker } from '../support/broker.js';
import { t210Toml } from '../support/environments.js';
import { observe, type Observer } from '../support/mqtt-observer.js';
import { startProgram, type Program, type ProgramOptions } from '../support/program.js';
import { ptyPair } from '../support/pty.js';
import { KEYS, plugInT210, secretsToml } from '../support/t210.js';
import { skipWithout } from '../support/tool.js';

const skip = { skip: skipWithoutBroker };
const DEVICE = 'homie/meter';
const STATUS = `${DEVICE}/meter/status`;
const NOBODY = 65_534;

/** Runs the program for a T210 behind a port. */
function run(broker: Broker, path: string, more: { client?: string; under?: ProgramOptions['under'] } = {}): Promise<Program> {
  const { client = '', under } = more;
  const toml = t210Toml({ id: 'meter', name: 'Meter', url: broker.url, path, client });
  const settings = { 't210.toml': toml, 't210.secrets.toml': secretsToml(KEYS) };
  return startProgram({ args: ['run', 't210'], settings, ...(under && { under }) });
}

/** Waits until the status of the meter says so. */
function status(observer: Observer, pattern: RegExp): Promise<void> {
  return observer.until(({ topics }) => pattern.test(topics.get(STATUS) ?? ''), `${STATUS} ${pattern}`);
}

/** How often the log says that the meter was lost, and that it is back. */
function said(program: Program): { readonly lost: number; readonly back: number } {
  const count = (pattern: RegExp): number => program.stderr().match(pattern)?.length ?? 0;
  return { lost: count(/meter (failing|silent)/g), back: count(/meter is back/g) };
}

test('a cable that comes back as another device behind the same by-id name is read on', skip, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  const folder = await mkdtemp(join(tmpdir(), 'by-id-'));
  const byId = join(folder, 'usb-FTDI_P1-if00-port0');
  await using before = await ptyPair();
  // By way of the names that vanish with the plug: the number of a terminal that is gone is soon another's.
  await symlink(before.near, byId);
  await using program = await run(broker, byId);
  await using first = await plugInT210(before.far, { keys: KEYS });
  await observer.shows(`${DEVICE}/$state`, 'ready');
  await first.stop();
  await using after = await ptyPair();
  assert.notEqual(await realpath(after.near), await realpath(before.near));
  await before.unplug();
  await observer.shows(`${DEVICE}/$state`, 'alert');
  await status(observer, /there is no such port/);
  await symlink(after.near, `${byId}.new`);
  await rename(`${byId}.new`, byId);
  await using second = await plugInT210(after.far, { keys: KEYS, frameCounter: first.meter.frameCounter });
  await observer.shows(`${DEVICE}/$state`, 'ready');
  await second.stop();
  await observer.shows(`${DEVICE}/energy/imported-total`, String(second.sent.at(-1)?.values['1-0:1.8.0']));
  assert.deepEqual(said(program), { lost: 1, back: 1 }, program.stderr());
  assert.match(program.stderr(), /meter failing: lost .*: its adapter was unplugged or failed/);
  await rm(folder, { recursive: true });
});

test('a port that another instance reads is left to it, and taken over when that ends', skip, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using pty = await ptyPair();
  await using meter = await plugInT210(pty.far, { keys: KEYS });
  await using holder = await run(broker, pty.near);
  await holder.says(/first reading received/);
  await using other = await startBroker();
  await using waiter = await run(other, pty.near);
  await waiter.says(/meter failing: cannot open .*another program is using it/);
  const sent = meter.sent.length;
  await observer.until(() => meter.sent.length >= sent + 5, '5 more telegrams');
  assert.deepEqual(said(holder), { lost: 0, back: 0 }, holder.stderr());
  await holder.end('SIGTERM');
  await waiter.says(/meter is back/);
  assert.deepEqual(said(waiter), { lost: 1, back: 1 }, waiter.stderr());
});

test(
  'a port without permission says what to do, and is read as soon as it may be',
  { skip: skipWithoutBroker || skipWithout('setpriv') },
  async () => {
    await using broker = await startBroker();
    await using observer = await observe(broker.url);
    await using pty = await ptyPair();
    await using _meter = await plugInT210(pty.far, { keys: KEYS });
    const port = await realpath(pty.near);
    const { uid, gid, mode } = await stat(port);
    // Whoever runs the tests as root has the program run without root's right to open everything, and the port be somebody else's.
    const isRoot = process.getuid?.() === 0;
    await chmod(port, isRoot ? 0o600 : 0);
    if (isRoot) await chown(port, NOBODY, NOBODY);
    await using program = await run(
      broker,
      pty.near,
      isRoot ? { under: () => ['setpriv', '--bounding-set=-all', '--inh-caps=-all'] } : {},
    );
    await program.says(/meter failing: cannot open .*: permission denied\. Add the user to the group dialout/);
    await observer.shows(`${DEVICE}/$state`, 'alert');
    if (isRoot) await chown(port, uid, gid);
    await chmod(port, mode);
    await observer.shows(`${DEVICE}/$state`, 'ready');
    assert.deepEqual(said(program), { lost: 1, back: 1 }, program.stderr());
  },
);

test('a port that opens and stays silent is opened anew until the meter speaks', skip, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using pty = await ptyPair();
  await using program = await run(broker, pty.near, { client: 'period = "1s"' });
  await program.says(/meter silent: nothing heard from the meter for 3 s/);
  await observer.shows(`${DEVICE}/$state`, 'alert');
  await using _meter = await plugInT210(pty.far, { keys: KEYS });
  await observer.shows(`${DEVICE}/$state`, 'ready');
  assert.deepEqual(said(program), { lost: 1, back: 1 }, program.stderr());
});

test('a read that stalls within a frame gives no value, and the meter is silent until whole frames come', skip, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using pty = await ptyPair();
  await using program = await run(broker, pty.near, { client: 'period = "1s"' });
  let stalled = false;
  await using meter = await plugInT210(pty.far, {
    keys: KEYS,
    // Once the program reads: half a frame, then nothing until it has given up.
    fault: () => {
      if (!/first reading/.test(program.stderr()) || said(program).lost > 0) return undefined;
      if (stalled) return 'silence';
      stalled = true;
      return 'truncate';
    },
  });
  await program.says(/meter silent/);
  await program.says(/meter is back/);
  await meter.stop();
  await observer.shows(`${DEVICE}/energy/imported-total`, String(meter.sent.at(-1)?.values['1-0:1.8.0']));
  const totals = new Set(meter.sent.map(({ values }) => String(values['1-0:1.8.0'])));
  const published = observer.seen.filter(({ topic }) => topic === `${DEVICE}/energy/imported-total`);
  assert.ok(stalled && published.every(({ payload }) => totals.has(payload)));
});
