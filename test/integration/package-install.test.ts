import assert from 'node:assert/strict';
import { lstat, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import {
  buildPackages,
  debianRoot,
  nextVersion,
  run,
  scratch,
  skipWithoutDpkg,
  type Scratch,
} from '../support/debian-package.js';
import { toolPath } from '../support/tool.js';

const DATE = 1_767_225_600;
const SETTINGS = 'etc/smart-meter-reader';
const STATE = 'var/lib/smart-meter-reader/t210/t210.json';
const SECRETS = `${SETTINGS}/t210.secrets.toml`;
/** Machine types of ELF files. elf.h, EM_… */
const MACHINES = { arm64: 183, armhf: 40, amd64: 62 };

/** Only root may give files to others, as unpacking a package does. */
const skip = skipWithoutDpkg || (process.getuid?.() !== 0 && 'dpkg needs root to install');

suite('the Debian packages', { skip: skipWithoutDpkg, timeout: 120_000 }, () => {
  let work: Scratch;
  let packages: ReadonlyMap<string, string>;
  let ours = '';

  before(async () => {
    work = await scratch();
    packages = await buildPackages(join(work.folder, 'first'), DATE);
    ours = packages.get('amd64') ?? '';
  });
  after(() => work[Symbol.asyncDispose]());

  test('the same sources give the same bytes', async () => {
    const again = await buildPackages(join(work.folder, 'second'), DATE);
    assert.deepEqual([...again.keys()], ['arm64', 'armhf', 'amd64']);
    for (const [architecture, path] of packages)
      assert.deepEqual(await readFile(again.get(architecture) ?? ''), await readFile(path), architecture);
  });

  test('each holds the serial port binaries of its own architecture alone', async () => {
    for (const [architecture, machine] of Object.entries(MACHINES)) {
      const files = await unpacked(packages.get(architecture) ?? '', join(work.folder, architecture));
      const binaries = files.filter((path) => path.endsWith('.node'));
      assert.ok(binaries.length > 0, architecture);
      for (const path of binaries) assert.equal((await readFile(path)).readUInt16LE(18), machine, path);
    }
  });

  test('nobody but root can write what is installed, and settings are closed to others', async () => {
    const root = join(work.folder, 'modes');
    const modes = new Map<string, string>();
    for (const path of await unpacked(ours, root)) {
      const info = await lstat(path);
      if (!info.isSymbolicLink()) modes.set(path.slice(root.length + 1), (info.mode & 0o7777).toString(8));
    }
    assert.equal(modes.get(SETTINGS), '750');
    assert.equal(modes.get(`${SETTINGS}/t210.toml`), '644');
    assert.equal(modes.get(`${SETTINGS}/t210.secrets.toml.example`), '600');
    assert.equal(modes.get('usr/lib/smart-meter-reader/dist/src/main.js'), '755');
    const others = [...modes].filter(([path, mode]) => !path.startsWith(SETTINGS) && mode !== '755' && mode !== '644');
    assert.deepEqual(others, []);
  });

  test('it needs a Node that can run it, and nothing else', async () => {
    assert.equal((await run('dpkg-deb', ['--field', ours, 'Depends'])).stdout, 'nodejs (>= 20.19)\n');
  });

  test('an upgrade keeps edited settings, secrets and state, and renews the rest', { skip }, async () => {
    const root = join(work.folder, 'upgraded');
    const dpkg = await debianRoot(root);
    await dpkg('--install', ours);
    await use(root);
    const changes = { [`${SETTINGS}/t210.toml`]: '# newer\n', [`${SETTINGS}/dummy.toml`]: '# newer\n' };
    await dpkg('--force-confdef', '--force-confold', '--install', await nextVersion(ours, work.folder, changes));
    assert.equal(await textOf(root, `${SETTINGS}/t210.toml`), '# mine\n');
    assert.equal(await textOf(root, `${SETTINGS}/dummy.toml`), '# newer\n');
    assert.equal(await textOf(root, SECRETS), '# keys\n');
    assert.equal(await textOf(root, STATE), '{}');
    assert.equal((await stat(join(root, SETTINGS))).mode & 0o7777, 0o750);
  });

  test('removed, it leaves settings and state; purged, nothing', { skip }, async () => {
    const root = join(work.folder, 'removed');
    const dpkg = await debianRoot(root);
    await dpkg('--install', ours);
    await use(root);
    await dpkg('--remove', 'smart-meter-reader');
    assert.deepEqual(await readdir(join(root, 'usr')).catch(() => []), []);
    assert.equal(await textOf(root, `${SETTINGS}/t210.toml`), '# mine\n');
    assert.equal(await textOf(root, SECRETS), '# keys\n');
    assert.equal(await textOf(root, STATE), '{}');
    await dpkg('--purge', 'smart-meter-reader');
    await assert.rejects(stat(join(root, SETTINGS)), { code: 'ENOENT' });
    await assert.rejects(stat(join(root, dirname(dirname(STATE)))), { code: 'ENOENT' });
  });

  test(
    "the service's user can read the settings, and its secrets only root",
    { skip: skip || !toolPath('systemd-sysusers') },
    async () => {
      const root = join(work.folder, 'user');
      await (
        await debianRoot(root)
      )('--install', ours);
      const gid = Number(/^smart-meter-reader:x:(\d+):/m.exec(await textOf(root, 'etc/group'))?.[1]);
      assert.match(await textOf(root, 'etc/group'), /^dialout:x:20:smart-meter-reader$/m);
      const { uid, gid: group } = await stat(join(root, SETTINGS));
      assert.deepEqual({ uid, group }, { uid: 0, group: gid });
      const secrets = await stat(join(root, SETTINGS, 't210.secrets.toml.example'));
      assert.deepEqual({ uid: secrets.uid, mode: secrets.mode & 0o777 }, { uid: 0, mode: 0o600 });
    },
  );
});

/** What a user does after installing. */
async function use(root: string): Promise<void> {
  await writeFile(join(root, SETTINGS, 't210.toml'), '# mine\n');
  await writeFile(join(root, SECRETS), '# keys\n', { mode: 0o600 });
  await mkdir(join(root, dirname(STATE)), { recursive: true });
  await writeFile(join(root, STATE), '{}');
}

async function textOf(root: string, path: string): Promise<string> {
  return readFile(join(root, path), 'utf8');
}

/** Unpacks a package and returns all paths in it. */
async function unpacked(file: string, root: string): Promise<string[]> {
  await run('dpkg-deb', ['--extract', file, root]);
  const entries = await readdir(root, { recursive: true });
  return entries.map((name) => join(root, name));
}
