import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { dummyToml } from '../support/environments.js';
import { fillerOf, skipWithoutFullDisk, underFullDisk } from '../support/full-disk.js';
import { startProgram, type Program } from '../support/program.js';
import { until } from '../support/until.js';

const HISTORY = pathToFileURL(join(import.meta.dirname, '..', 'support', 'preload', 'history.js')).href;

/** A dummy meter that is read ten times a second, for a history alone; power cuts may cost a tenth of a second. */
const OPTIONS = {
  args: ['run', 'dummy'],
  node: ['--import', HISTORY],
  settings: {
    'dummy.toml': `${dummyToml({ url: 'mqtt://localhost:1', interval: '100ms' })}\n[spool]\nsync_interval = "100ms"\n`,
  },
};

/** The sequences that a program's store holds, in the order in which they came. */
function stored({ folder }: Program): number[] {
  const path = join(folder, 'store');
  const lines = existsSync(path) ? readFileSync(path, 'latin1').split('\n').slice(0, -1) : [];
  return lines.map((line) => (JSON.parse(line) as [string, number, number])[2]);
}

/** Numbers that follow each other without a gap are one stretch. */
function stretches(numbers: readonly number[]): number {
  return new Set(numbers).size - [...new Set(numbers)].filter((n) => numbers.includes(n - 1)).length;
}

test('a store that is away, a program that is killed and one that is stopped: its history has every reading, in order', async () => {
  await using first = await startProgram(OPTIONS);
  await until(() => stored(first).length > 10);
  await writeFile(join(first.folder, 'away'), '');
  await first.says(/warn dummy homie: the store is away; trying again until it works/);
  const spool = join(first.folder, 'state', 'dummy.spool');
  await until(() => existsSync(spool) && readdirSync(spool).some((name) => name.endsWith('.spool')));
  await first.end('SIGKILL');

  await using second = await first.again();
  await second.says(/trying again until it works/);
  const { code } = await second.end('SIGTERM');
  assert.equal(code, 0);
  assert.match(second.stderr(), /info dummy homie: stopped; what is not delivered yet is kept for the next start/);

  const before = stored(first).length;
  await rm(join(first.folder, 'away'));
  await using third = await first.again();
  await until(() => stored(third).length > before + 10);
  await third.end('SIGTERM');
  const numbers = stored(third);
  assert.deepEqual(
    numbers,
    numbers.toSorted((one, other) => one - other),
  );
  // One for each start: within a run nothing is missing.
  assert.equal(stretches(numbers), 3);
});

test(
  'a full disk is said once, readings wait in memory, and go to disk when there is room',
  { skip: skipWithoutFullDisk() },
  async () => {
    await using program = await startProgram({ ...OPTIONS, under: (folder) => underFullDisk(join(folder, 'state')) });
    await writeFile(join(program.folder, 'away'), '');
    await program.says(/warn dummy: cannot keep readings on disk, only in memory: ENOSPC/);
    await rm(fillerOf(program.pid, join(program.folder, 'state')));
    await program.says(/info dummy: readings can be kept on disk again/);
    await rm(join(program.folder, 'away'));
    await until(() => stored(program).length > 0);
    await program.end('SIGTERM');
    assert.equal(program.stderr().match(/cannot keep readings on disk/g)?.length, 1);
    assert.equal(stretches(stored(program)), 1);
  },
);
