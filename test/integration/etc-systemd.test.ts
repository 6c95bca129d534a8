import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { promisify } from 'node:util';
import { READY_AFTER_MS } from '../../src/service/service.js';
import { ROOT } from '../support/source.js';
import { skipWithout } from '../support/tool.js';

const run = promisify(execFile);

suite('the service under systemd', { skip: skipWithout('systemd-analyze'), timeout: 60_000 }, () => {
  let root = '';

  before(async () => {
    root = await scratchRoot();
  });
  after(async () => {
    await rm(root, { recursive: true });
  });

  test('the unit is clean where the program is installed', async () => {
    const { stdout, stderr } = await run('systemd-analyze', [
      'verify',
      `--root=${root}`,
      '--man=no',
      '--recursive-errors=no',
      'smart-meter-reader@t210.service',
    ]);
    assert.equal(stdout + stderr, '');
  });

  test('the unit exposes no more than 2.0 of 10', async () => {
    const { stdout } = await run('systemd-analyze', [
      'security',
      '--offline=true',
      `--root=${root}`,
      'smart-meter-reader@.service',
    ]);
    const exposure = /Overall exposure level .*: (\d+\.\d)/.exec(stdout)?.[1];
    assert.ok(Number(exposure) <= 2, stdout);
  });
});

test('systemd waits for the program, watches it, and does not start again what wrong settings stop', async () => {
  const unit = await readFile(join(ROOT, 'etc', 'smart-meter-reader@.service'), 'utf8');
  const values = new Map(unit.split('\n').map((line) => line.split(/=(.*)/) as [string, string]));
  const expected = { Type: 'notify', NotifyAccess: 'all', Restart: 'always', RestartPreventExitStatus: '78' };
  for (const [key, value] of Object.entries(expected)) assert.equal(values.get(key), value, key);
  assert.ok(Number(values.get('TimeoutStartSec')) * 1_000 > READY_AFTER_MS);
  assert.ok(Number(values.get('WatchdogSec')) >= 60);
});

test("the service's user can be made", { skip: skipWithout('systemd-sysusers') }, async () => {
  const { stderr } = await run('systemd-sysusers', ['--dry-run', join(ROOT, 'etc', 'smart-meter-reader.sysusers')]);
  assert.doesNotMatch(stderr, /ignoring|failed|invalid/i);
});

/** A machine's root folder with the host's units, and with the program where the unit looks for it. */
async function scratchRoot(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'root-'));
  await cp('/usr/lib/systemd/system', join(root, 'usr/lib/systemd/system'), { recursive: true, verbatimSymlinks: true });
  const put = async (path: string, mode: number): Promise<void> => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), '', { mode });
  };
  await put('usr/bin/node', 0o755);
  await put('usr/lib/smart-meter-reader/dist/src/main.js', 0o644);
  await mkdir(join(root, 'etc/systemd/system'), { recursive: true });
  await cp(join(ROOT, 'etc', 'smart-meter-reader@.service'), join(root, 'etc/systemd/system/smart-meter-reader@.service'));
  return root;
}
