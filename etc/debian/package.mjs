// Builds the Debian packages: node etc/debian/package.mjs [folder]. The same sources and SOURCE_DATE_EPOCH give the same bytes.
import { execFile, execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { ARCHITECTURES, bundle, commandsOf, ROOT } from './bundle.mjs';
import { completion } from './completion.mjs';
import { manual } from './manual.mjs';

const LIBRARY = 'usr/lib/smart-meter-reader';
const SETTINGS = 'etc/smart-meter-reader';
const DOCUMENTS = 'usr/share/doc/smart-meter-reader';

/** What is installed as it is in the project. */
const FILES = {
  'README.md': `${LIBRARY}/README.md`,
  'etc/smart-meter-reader@.service': 'usr/lib/systemd/system/smart-meter-reader@.service',
  'etc/smart-meter-reader.sysusers': 'usr/lib/sysusers.d/smart-meter-reader.conf',
  'etc/99-smart-meter-reader.rules': 'etc/udev/rules.d/99-smart-meter-reader.rules',
  'etc/mosquitto-smart-meter-reader.conf': `${DOCUMENTS}/examples/mosquitto-smart-meter-reader.conf`,
};

const work = await mkdtemp(join(tmpdir(), 'smart-meter-reader-'));
try {
  await buildPackages(process.argv[2] ?? join(ROOT, 'dist-deb'));
} finally {
  await rm(work, { recursive: true });
}

async function buildPackages(folder) {
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  const env = { ...process.env, SOURCE_DATE_EPOCH: process.env.SOURCE_DATE_EPOCH ?? dateOfSources() };
  const generated = await generate(version, new Date(Number(env.SOURCE_DATE_EPOCH) * 1_000));
  await mkdir(folder, { recursive: true });
  for (const architecture of ARCHITECTURES) {
    const root = join(work, architecture);
    const packages = await bundle(join(root, LIBRARY), architecture);
    await stage(root, { ...generated, [`${DOCUMENTS}/copyright`]: await copyright(packages) });
    await control(join(root, 'DEBIAN'), { VERSION: version, ARCHITECTURE: architecture, KIB: await kibibytes(root) });
    const file = join(folder, `smart-meter-reader_${version}_${architecture}.deb`);
    await promisify(execFile)('dpkg-deb', ['--root-owner-group', '-Zxz', '--build', root, file], { env });
    process.stdout.write(`${file}\n`);
  }
}

/** The last commit's, or where there is no repository, that of the lock file's packages: never the clock. */
function dateOfSources() {
  try {
    return execFileSync('git', ['log', '-1', '--format=%ct'], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return '1700000000';
  }
}

/** What is made from the program's own table of commands. */
async function generate(version, date) {
  const { COMMANDS, COMMON_OPTIONS } = await commandsOf(join(work, 'commands'));
  return {
    'usr/share/man/man1/smart-meter-reader.1.gz': gzipSync(await manual(COMMANDS, version, date), { level: 9 }),
    'usr/share/bash-completion/completions/smart-meter-reader': completion(COMMANDS, COMMON_OPTIONS),
  };
}

async function stage(root, generated) {
  for (const [from, to] of Object.entries(FILES)) await put(root, to, await readFile(join(ROOT, from)));
  for (const [to, contents] of Object.entries(generated)) await put(root, to, contents);
  for (const name of await readdir(join(ROOT, 'settings'))) {
    if (name.endsWith('.secrets.toml')) continue;
    // Whoever copies an example of secrets gets a file for root alone.
    await put(
      root,
      `${SETTINGS}/${name}`,
      await readFile(join(ROOT, 'settings', name)),
      name.includes('.secrets.') ? 0o600 : 0o644,
    );
  }
  await mkdir(join(root, 'usr/bin'), { recursive: true });
  await symlink('../lib/smart-meter-reader/dist/src/main.js', join(root, 'usr/bin/smart-meter-reader'));
  await normalise(root);
  await chmod(join(root, SETTINGS), 0o750);
}

async function put(root, path, contents, mode = 0o644) {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), contents);
  await chmod(join(root, path), mode);
}

/** Folders and files are as Debian has them, whatever umask they were made under; those that are executable or closed remain so. */
async function normalise(root) {
  await chmod(root, 0o755);
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await chmod(path, 0o755);
    else if (entry.isFile() && path.startsWith(join(root, LIBRARY))) await chmod(path, entry.name === 'main.js' ? 0o755 : 0o644);
  }
}

async function control(folder, fields) {
  const from = join(ROOT, 'etc/debian');
  const text = await readFile(join(from, 'control'), 'utf8');
  const root = dirname(folder);
  const conffiles = (await filesBelow(join(root, 'etc'))).map((path) => `/${path.slice(root.length + 1)}\n`);
  await put(
    folder,
    'control',
    text.replaceAll(/@(\w+)@/g, (_, name) => String(fields[name])),
  );
  await put(folder, 'conffiles', conffiles.join(''));
  for (const script of ['postinst', 'prerm', 'postrm']) await put(folder, script, await readFile(join(from, script)), 0o755);
  await chmod(folder, 0o755);
}

async function kibibytes(root) {
  const files = await filesBelow(root);
  const sizes = await Promise.all(files.map(async (path) => Math.ceil((await readFile(path)).length / 1_024)));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function filesBelow(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
}

/** Our licence, and that of each package of which something is in the bundle. */
async function copyright(packages) {
  const texts = await Promise.all(
    packages.map(async (folder) => {
      const { name, version, license } = JSON.parse(await readFile(join(ROOT, folder, 'package.json'), 'utf8'));
      const file = (await readdir(join(ROOT, folder))).find((each) => /^licen[cs]e/i.test(each));
      const text = file ? await readFile(join(ROOT, folder, file), 'utf8') : `Licence: ${license}\n`;
      return `${'-'.repeat(78)}\n${name} ${version}\n\n${text.trimEnd()}\n`;
    }),
  );
  return [`smart-meter-reader\n\n${await readFile(join(ROOT, 'LICENSE'), 'utf8')}`, ...texts].join('\n');
}
