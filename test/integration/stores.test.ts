import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import csv from '../../src/sinks/csv/index.js';
import sql from '../../src/sinks/sql/index.js';
import type { StoredReading } from '../../src/pipeline/history.js';
import { csvSettings } from '../support/csv.js';
import { fillerOf, skipWithoutFullDisk, underFullDisk } from '../support/full-disk.js';
import { readAll } from '../support/histories.js';
import { killAtRandom } from '../support/killed-program.js';
import { startProgram } from '../support/program.js';
import { sqlSettings } from '../support/sql.js';

const KILLS = 4;

/** A household that speaks ten times a second, for text files and an SQLite file. */
const SETTINGS = `device.id = "house"
[client]
type = "dummy"
interval = "100ms"
[spool]
sync_interval = "100ms"
[sinks.csv]
folder = "stores/csv"
time_zone = "Europe/Vienna"
write_interval = "150ms"
[sinks.sql]
time_zone = "Europe/Vienna"
write_interval = "150ms"
[sinks.sql.database]
type = "sqlite"
path = "stores/meter.sqlite"
`;

const OPTIONS = { args: ['run', 'dummy'], settings: { 'dummy.toml': SETTINGS } };

/** What the stores of a program hold, as it is seen below `root`. */
async function storesOf(folder: string): Promise<{ readonly lines: StoredReading[]; readonly rows: StoredReading[] }> {
  const lines = await readAll(csv, csvSettings({ folder: join(folder, 'stores', 'csv') }));
  const rows = await readAll(sql, sqlSettings({ type: 'sqlite', path: join(folder, 'stores', 'meter.sqlite') }));
  return { lines, rows };
}

/** Waits until a program has stored so many readings in both. A store that is not there yet holds none. */
async function stores(folder: string, atLeast: number): Promise<void> {
  for (let tries = 0; ; tries++) {
    const { lines, rows } = await storesOf(folder).catch(() => ({ lines: [], rows: [] }));
    if (Math.min(lines.length, rows.length) >= atLeast) return;
    assert.ok(tries < 600, `${lines.length} lines and ${rows.length} rows`);
    await sleep(100);
  }
}

test('a program that is killed at random moments: text files and a database hold the same readings, each once', (t) =>
  killAtRandom(t, {
    program: OPTIONS,
    kills: KILLS,
    lived: (folder, life) => stores(folder, 10 * (life + 1)),
    ended: async (folder) => {
      const { lines, rows } = await storesOf(folder);
      // The last ones may wait for the next start, of one store or the other.
      const both = Math.min(lines.length, rows.length);
      assert.deepEqual(lines.slice(0, both), rows.slice(0, both));
      // Of what came again there is one line.
      assert.equal(new Set(lines.map(({ at }) => at)).size, lines.length);
      assert.ok(lines.length >= 10 * (KILLS + 1));
    },
  }));

test(
  'a full disk is said once in words; when there is room every reading is stored',
  { skip: skipWithoutFullDisk() },
  async () => {
    const under = (folder: string) => underFullDisk(join(folder, 'stores'), '2M');
    await using program = await startProgram({ ...OPTIONS, under });
    await program.says(/warn dummy csv: .*ENOSPC.*trying again until it works/);
    await program.says(/warn dummy sql: .*(ENOSPC|disk).*trying again until it works/);
    await rm(fillerOf(program.pid, join(program.folder, 'stores')));
    await program.says(/info dummy csv: connected again/);
    await program.says(/info dummy sql: connected again/);
    const seen = join('/proc', String(program.pid), 'root', program.folder);
    await stores(seen, 20);
    const { lines, rows } = await storesOf(seen);
    const both = Math.min(lines.length, rows.length);
    assert.deepEqual(lines.slice(0, both), rows.slice(0, both));
    assert.equal(program.stderr().match(/csv: .*ENOSPC/g)?.length, 1);
  },
);
