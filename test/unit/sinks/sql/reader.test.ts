import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../../../src/pipeline/clock.js';
import type { IntervalResolution } from '../../../../src/pipeline/history.js';
import { localTimeOf } from '../../../../src/sinks/local-time.js';
import type { Database } from '../../../../src/sinks/sql/database.js';
import { SqlReader } from '../../../../src/sinks/sql/reader.js';
import { migrate } from '../../../../src/sinks/sql/schema.js';
import { openSqlite } from '../../../../src/sinks/sql/sqlite.js';
import { temporaryFolder } from '../../../support/histories.js';

const never = new AbortController().signal;
const DAY_MS = 86_400_000;
const YEAR = { from: Date.UTC(2026, 0, 1), to: Date.UTC(2027, 0, 1) };

/** Sums of three years, of three properties of a meter. */
async function fill(database: Database): Promise<void> {
  await migrate(database, 'UTC');
  for (let id = 1; id <= 3; id++)
    await database.run(`INSERT INTO meter_property VALUES (?, 'house', ?, 'Wh', '', 'energy', 'total', 'integer', ?)`, [
      id,
      `energy/total-${id}`,
      id,
    ]);
  const from = YEAR.from - 365 * DAY_MS;
  for (const [table, step] of [
    ['meter_quarter', DAY_MS / 96],
    ['meter_day', DAY_MS],
  ] as const)
    await database.run(
      `WITH RECURSIVE times (start) AS (SELECT ${from} UNION ALL SELECT start + ${step} FROM times WHERE start + ${step} < ${from + 3 * 365 * DAY_MS})
       INSERT INTO ${table} SELECT start, id, 1, 1, 2, 1, 2, 1.5 FROM times, meter_property`,
    );
}

/** Reads one property at a resolution. @returns how many intervals there are, the rows that were read for them, and how SQLite finds those */
async function look(database: Database, resolution: IntervalResolution, range: { readonly from: number; readonly to: number }) {
  const plan: string[] = [];
  let rows = 0;
  const watched: Database = {
    ...database,
    run: async (sql, values) => {
      const found = await database.run(sql, values);
      rows += found.length;
      for (const { detail } of await database.run(`EXPLAIN QUERY PLAN ${sql}`, values)) plan.push(String(detail));
      return found;
    },
  };
  const reader = new SqlReader(watched, 'UTC', localTimeOf('UTC'));
  let intervals = 0;
  const asked = { ...range, device: 'house', paths: ['energy/total-3'], resolution, timeZone: 'UTC' };
  for await (const { values } of reader.intervals(asked, never) ?? []) intervals += Object.keys(values).length;
  return { intervals, rows, plan };
}

test('the view of a year reads a row for each of its days, the view of a day one for each quarter; neither reads readings', async () => {
  using folder = temporaryFolder();
  const database = await openSqlite(join(folder.path, 'meter.sqlite'), systemClock);
  try {
    await fill(database);
    const year = await look(database, '1d', YEAR);
    assert.deepEqual([year.intervals, year.rows], [365, 365]);
    const day = await look(database, '15m', { from: YEAR.from, to: YEAR.from + DAY_MS });
    assert.deepEqual([day.intervals, day.rows], [96, 96]);
    // `s` are the sums. By property and time only those of the year are looked at, by time those of the day with all properties.
    const ofSums = (plan: readonly string[]) => plan.filter((step) => /\b(s|meter_reading)\b/.test(step));
    assert.deepEqual(ofSums(year.plan), ['SEARCH s USING PRIMARY KEY (property=? AND start>? AND start<?)']);
    assert.deepEqual(ofSums(day.plan), ['SEARCH s USING PRIMARY KEY (start>? AND start<?)']);
  } finally {
    await database.close();
  }
});
