import assert from 'node:assert/strict';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { freePort, skipWithoutBroker, startBroker } from '../support/broker.js';
import { buildPackages, run, scratch, skipWithoutDpkg, type Scratch } from '../support/debian-package.js';
import { lintDockerfile } from '../support/dockerfile.js';
import { dummyToml } from '../support/environments.js';
import { AUTHORITY, LOCALHOST } from '../support/mqtt-certificates.js';
import { observe } from '../support/mqtt-observer.js';
import { startProgram } from '../support/program.js';
import { ROOT } from '../support/source.js';
import { skipWithout } from '../support/tool.js';

const COMPLETION = 'usr/share/bash-completion/completions/smart-meter-reader';
/** The packages that this machine can run, by Node's name of its processor. */
const ARCHITECTURES: Readonly<Record<string, string>> = { arm: 'armhf', arm64: 'arm64', x64: 'amd64' };
const architecture = ARCHITECTURES[process.arch];

suite('what the Debian package installs', { skip: skipWithoutDpkg || architecture === undefined, timeout: 120_000 }, () => {
  let work: Scratch;
  let root = '';
  let main = '';

  before(async () => {
    work = await scratch();
    root = join(work.folder, 'root');
    const packages = await buildPackages(work.folder, 1_767_225_600);
    await run('dpkg-deb', ['--extract', packages.get(architecture ?? '') ?? '', root]);
    main = join(root, 'usr/bin/smart-meter-reader');
  });
  after(() => work[Symbol.asyncDispose]());

  test('the program knows its version, without anything beside it', async () => {
    const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    const { stdout } = await run(main, ['--version'], { cwd: '/' });
    assert.equal(stdout, `smart-meter-reader ${version}\n`);
  });

  test('its demo brings a broker along, publishes, and says goodbye', async () => {
    const url = `mqtt://localhost:${await freePort()}`;
    await using program = await startProgram({ main, args: ['demo'], settings: { 'dummy.toml': dummyToml({ url }) } });
    await program.says(/first reading received/);
    await using observer = await observe(url, { mqtt3: true });
    await observer.shows('homie/dummy-smart-meter/$state', 'ready');
    assert.equal((await program.end('SIGTERM')).code, 0);
  });

  test('it opens serial ports by the binary that came with it', async () => {
    const url = `mqtt://localhost:${await freePort()}`;
    const t210 = `[device]\nid = "meter"\n[client]\ntype = "p1"\n[client.link]\npath = "/dev/no-such-port"\n[mqtt]\nurl = "${url}"\n[sinks.homie]\n`;
    await using program = await startProgram({ main, args: ['run', 't210'], settings: { 't210.toml': t210 } });
    await program.says(/cannot open \/dev\/no-such-port: there is no such port/);
  });

  test('it reaches a broker by TLS', { skip: skipWithoutBroker }, async () => {
    await using broker = await startBroker({ tls: LOCALHOST });
    const settings = { 'dummy.toml': dummyToml({ url: broker.url }), 'default.toml': `[mqtt]\nca = '''${AUTHORITY}'''\n` };
    await using observer = await observe(broker.url, { ca: AUTHORITY });
    await using _program = await startProgram({ main, args: ['run', 'dummy'], settings });
    await observer.shows('homie/dummy-smart-meter/$state', 'ready');
  });

  test('every environment that it installs passes its own check', async () => {
    const settings = ['--settings', join(root, 'etc/smart-meter-reader')];
    for (const name of ['dummy', 'kamstrup_403']) {
      const { stdout } = await run(main, ['check', name, ...settings]);
      assert.ok(stdout.startsWith(`${name}: the settings are valid\n`), stdout);
    }
  });

  test('the manual page is clean and names every command', { skip: skipWithout('man', 'groff') }, async () => {
    const page = join(root, 'usr/share/man/man1/smart-meter-reader.1.gz');
    const env = { ...process.env, MANWIDTH: '80', LC_ALL: 'C.UTF-8' };
    const { stdout, stderr } = await run('man', ['--warnings', '--local-file', page], { env });
    assert.equal(stderr.replaceAll(/^npm .*\n/gm, ''), '');
    for (const name of ['run', 'check', 'demo', 'record', 'replay'])
      assert.match(stdout, new RegExp(`^ +smart-meter-reader ${name}\\b`, 'm'));
    assert.match(stdout, /^ +78|0 done, 64 wrong usage/m);
  });

  suite('completion in bash', { skip: skipWithout('bash') }, () => {
    test('completes commands', async () => {
      assert.deepEqual(await complete('smart-meter-reader', 'rec'), ['record']);
    });

    test('completes the options of a command, and those of all', async () => {
      assert.deepEqual(await complete('smart-meter-reader', 'record', '--se'), ['--seconds', '--settings']);
    });

    test('completes environments, but neither defaults nor secrets', async () => {
      const settings = join(work.folder, 'environments');
      await mkdir(settings);
      for (const name of ['default', 't210', 't210.secrets', 'kamstrup_403']) await writeFile(join(settings, `${name}.toml`), '');
      assert.deepEqual(await complete('smart-meter-reader', '--settings', settings, 'run', ''), ['kamstrup_403', 't210']);
    });

    test('completes files where a command takes one', async () => {
      await writeFile(join(work.folder, 'evening.capture'), '');
      assert.deepEqual(await complete('smart-meter-reader', 'anonymise', 'even'), ['evening.capture']);
    });
  });

  test('the Dockerfile breaks no rule', async () => {
    assert.deepEqual(lintDockerfile(await readFile(join(ROOT, 'etc/Dockerfile'), 'utf8')), []);
    const bad = 'FROM node\nRUN cd /tmp\nCMD node main.js\n';
    assert.deepEqual(
      lintDockerfile(bad).map((finding) => finding.slice(0, 6)),
      ['DL3006', 'DL3003', 'DL3025', 'DL3002', 'DL4003'],
    );
  });

  test('the image is made of what builds the package, for the processors that it names', async () => {
    const dockerfile = await readFile(join(ROOT, 'etc/Dockerfile'), 'utf8');
    const step = /^RUN (node etc\/debian\/bundle\.mjs .*)$/m.exec(dockerfile)?.[1] ?? '';
    const build = join(work.folder, 'build');
    await mkdir(build);
    for (const name of ['package.json', 'src', 'etc/debian']) await cp(join(ROOT, name), join(build, name), { recursive: true });
    // What `npm ci` would install.
    await symlink(join(ROOT, 'node_modules'), join(build, 'node_modules'));
    for (const target of ['arm64', 'arm', 'amd64']) {
      const program = join(work.folder, `image-${target}`);
      await run('sh', ['-c', step.replace('/program', program)], { cwd: build, env: { ...process.env, TARGETARCH: target } });
      assert.match(
        (await run(process.execPath, [join(program, 'dist/src/main.js'), '--version'])).stdout,
        /^smart-meter-reader \d/,
      );
    }
  });

  /** What bash offers for the last of `words`. */
  async function complete(...words: readonly string[]): Promise<string[]> {
    const script = `. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); complete -p smart-meter-reader >/dev/null || exit 1
      _smart_meter_reader; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = await run('bash', ['-euc', script, 'bash', join(root, COMPLETION), ...words], { cwd: work.folder });
    return stdout.split('\n').filter(Boolean).sort();
  }
});
