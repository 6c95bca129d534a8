import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { rollBack } from '../../../../src/sinks/sql/hot-journal.js';
import { temporaryFolder } from '../../../support/histories.js';
import { ROOT } from '../../../support/source.js';
import { skipWithout } from '../../../support/tool.js';

/** Fills a table, then changes all of it in a transaction that does not fit into memory, and is killed in the middle. */
const KILLED = `
  const { Database } = require('node-sqlite3-wasm');
  const db = new Database(process.argv[1]);
  db.exec('PRAGMA cache_size = 5; CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)');
  db.exec("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO t SELECT i, hex(zeroblob(100)) FROM n");
  db.exec('BEGIN');
  db.run('UPDATE t SET b = ?', ['y'.repeat(200)]);
  db.exec("INSERT INTO t SELECT a + 2000, b FROM t");
  process.kill(process.pid, 'SIGKILL');
`;

/** Another SQLite's opinion. */
const LOOK = `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
print(db.execute("PRAGMA integrity_check").fetchone()[0], *db.execute("SELECT substr(b, 1, 1), count(*) FROM t GROUP BY 1").fetchall())
`;

test('a transaction that was cut off by a kill is undone, page by page', { skip: skipWithout('python3') }, async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'db');
  const { signal } = spawnSync(process.execPath, ['-e', KILLED, path], { cwd: ROOT });
  assert.equal(signal, 'SIGKILL');
  assert.ok(existsSync(`${path}-journal`));
  assert.equal(await rollBack(path), true);
  assert.equal(existsSync(`${path}-journal`), false);
  assert.equal(spawnSync('python3', ['-c', LOOK, path], { encoding: 'utf8' }).stdout, "ok ('0', 2000)\n");
  assert.equal(await rollBack(path), false);
});
