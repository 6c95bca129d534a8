import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './source.js';
import { skipWithout } from './tool.js';

/** Runs a program and resolves with what it wrote. @throws with that, when it ends with another code than 0 */
export const run = promisify(execFile);

/** The `skip` of a test that builds packages. */
export const skipWithoutDpkg = skipWithout('dpkg', 'dpkg-deb', 'xz');

/** A folder that `await using` removes. */
export interface Scratch extends AsyncDisposable {
  readonly folder: string;
}

/** Makes a folder of its own. */
export async function scratch(): Promise<Scratch> {
  const folder = await mkdtemp(join(tmpdir(), 'package-'));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/**
 * Builds the packages as `npm run package` does.
 * @param date SOURCE_DATE_EPOCH, seconds
 * @returns their paths by Debian's names of architectures
 */
export async function buildPackages(folder: string, date: number): Promise<ReadonlyMap<string, string>> {
  const env = { ...process.env, SOURCE_DATE_EPOCH: String(date) };
  const { stdout } = await run(process.execPath, [join(ROOT, 'etc', 'debian', 'package.mjs'), folder], { env });
  return new Map(
    stdout
      .trim()
      .split('\n')
      .map((path) => [/_(\w+)\.deb$/.exec(path)?.[1] ?? '', path]),
  );
}

/** A folder that dpkg takes for the root of a Debian with nothing but two groups. Maintainer scripts get it as `$DPKG_ROOT`. */
export async function debianRoot(folder: string): Promise<(...args: readonly string[]) => Promise<string>> {
  for (const name of ['var/lib/dpkg/info', 'var/lib/dpkg/updates', 'etc', 'tmp'])
    await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, 'var/lib/dpkg/status'), '');
  await writeFile(join(folder, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  await writeFile(join(folder, 'etc/group'), 'root:x:0:\ndialout:x:20:\n');
  const options = [`--root=${folder}`, '--force-script-chrootless', '--force-depends', '--log=/dev/null'];
  return async (...args) => {
    const { PATH = '' } = process.env;
    const { stdout, stderr } = await run('dpkg', [...options, ...args], {
      env: { PATH: `${PATH}:/usr/sbin:/sbin`, LC_ALL: 'C' },
    });
    return stdout + stderr;
  };
}

/**
 * Makes the next version of a package, in which files were changed.
 * @param changes the new texts, by path from the root
 */
export async function nextVersion(from: string, folder: string, changes: Readonly<Record<string, string>>): Promise<string> {
  const root = join(folder, 'next');
  await run('dpkg-deb', ['-R', from, root]);
  const control = join(root, 'DEBIAN', 'control');
  await writeFile(control, (await readFile(control, 'utf8')).replace(/^Version: .*$/m, 'Version: 99'));
  for (const [path, text] of Object.entries(changes)) await writeFile(join(root, path), text);
  const to = join(folder, 'next.deb');
  await run('dpkg-deb', ['--root-owner-group', '--build', root, to]);
  return to;
}
