import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { skipWithoutBroker, startBroker } from '../support/broker.js';
import { t210Toml } from '../support/environments.js';
import { observe } from '../support/mqtt-observer.js';
import { MAIN, startProgram } from '../support/program.js';
import { ptyPair } from '../support/pty.js';
import { ROOT } from '../support/source.js';
import { KEYS, plugInT210, secretsToml } from '../support/t210.js';
import { skipWithout } from '../support/tool.js';

/** Installs the program as the README says, without any script of a package. @returns where, or why that cannot be done here */
function install(context: TestContext): { readonly folder: string } | { readonly impossible: string } {
  const folder = mkdtempSync(join(tmpdir(), 'install-'));
  context.after(() => {
    rmSync(folder, { recursive: true });
  });
  for (const file of ['package.json', 'package-lock.json', '.npmrc']) cpSync(join(ROOT, file), join(folder, file));
  cpSync(dirname(MAIN), join(folder, 'dist', 'src'), { recursive: true });
  const arguments_ = [
    'ci',
    '--ignore-scripts',
    '--omit=dev',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    '--fetch-retries=0',
    '--loglevel=error',
  ];
  try {
    execFileSync('npm', arguments_, { cwd: folder, stdio: 'pipe', timeout: 60_000 });
    return { folder };
  } catch (error) {
    const { stderr } = error as { readonly stderr?: Buffer };
    return {
      impossible: `npm cannot install: neither cache nor registry has the packages (${stderr?.toString().split('\n')[0] ?? String(error)})`,
    };
  }
}

test('npm runs no script of a package, and only one has any: its compiled parts come with it', () => {
  assert.match(readFileSync(join(ROOT, '.npmrc'), 'utf8'), /^ignore-scripts=true$/m);
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { hasInstallScript?: true; dev?: true }>;
  };
  const scripted = Object.entries(packages).flatMap(([name, entry]) => (entry.hasInstallScript && !entry.dev ? [name] : []));
  assert.deepEqual(scripted, ['node_modules/@serialport/bindings-cpp']);
  const prebuilds = readdirSync(join(ROOT, scripted[0] ?? '', 'prebuilds'));
  for (const platform of ['linux-arm', 'linux-arm64', 'linux-x64']) assert.ok(prebuilds.includes(platform), platform);
});

test(
  'installed without scripts and without what development needs, the program reads a serial port and publishes',
  { skip: skipWithoutBroker || skipWithout('socat', 'npm') },
  async (context) => {
    const installed = install(context);
    if ('impossible' in installed) {
      context.skip(installed.impossible);
      return;
    }
    const main = join(installed.folder, 'dist', 'src', 'main.js');
    assert.equal(existsSync(join(installed.folder, 'node_modules', 'typescript')), false);
    await using broker = await startBroker();
    await using observer = await observe(broker.url);
    await using pty = await ptyPair();
    await using _meter = await plugInT210(pty.far, { keys: KEYS });
    const toml = t210Toml({ id: 'meter', name: 'Meter', url: broker.url, path: pty.near });
    await using program = await startProgram({
      main,
      args: ['run', 't210'],
      settings: { 't210.toml': toml, 't210.secrets.toml': secretsToml(KEYS) },
    });
    await observer.shows('homie/meter/$state', 'ready');
    assert.equal((await program.end('SIGTERM')).code, 0);
  },
);
