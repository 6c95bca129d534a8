import type { LocalTime, Span } from '../local-time.js';
import { transaction, type Database, type Value } from './database.js';
import { SUMMARIES } from './schema.js';

/** The finest sums are of so much time. */
export const QUARTER_MS = 900_000;

/** How many quarters are summed up in one transaction. */
const AT_ONCE = 96;

const [QUARTER, DAY, MONTH] = SUMMARIES;
const COLUMNS = ['samples', 'first', 'last', 'minimum', 'maximum', 'mean'] as const;

/** What a sum is made of: readings, or finer sums. */
interface Source {
  readonly table: string;
  readonly time: 'at' | 'start';
  readonly aggregates: string;
  readonly first: string;
  readonly last: string;
}

const READINGS: Source = {
  table: 'meter_reading',
  time: 'at',
  aggregates: 'COUNT(s.number) AS samples, MIN(s.number) AS minimum, MAX(s.number) AS maximum, AVG(s.number) AS mean',
  first: 'number',
  last: 'number',
};

function sums(table: string): Source {
  const aggregates =
    'SUM(s.samples) AS samples, MIN(s.minimum) AS minimum, MAX(s.maximum) AS maximum, SUM(s.mean * s.samples) / SUM(s.samples) AS mean';
  return { table, time: 'start', aggregates, first: 'first', last: 'last' };
}

/** Notes that the sums of these quarters are to be made anew. */
export async function markPending(database: Database, quarters: readonly number[]): Promise<void> {
  const replacement = database.dialect.replace({ table: 'meter_pending', keys: ['start'], columns: [] });
  for (const start of quarters) await database.run(`INSERT INTO meter_pending (start) VALUES (?) ${replacement}`, [start]);
}

/** Makes the sums that are pending, of quarters that begin before a moment, and of the days and months that they are in. */
export async function settle(database: Database, before: number, time: LocalTime): Promise<void> {
  for (;;) {
    const rows = await database.run(`SELECT start FROM meter_pending WHERE start < ? ORDER BY start LIMIT ${AT_ONCE}`, [before]);
    if (rows.length === 0) return;
    const quarters = rows.map(({ start }) => Number(start));
    await transaction(database, async () => {
      for (const start of quarters) {
        // First, so that one who notes the quarter meanwhile waits for us, and it is made once more.
        await database.run('DELETE FROM meter_pending WHERE start = ?', [start]);
        await sumUp(database, READINGS, QUARTER.name, { from: start, to: start + QUARTER_MS });
      }
      for (const day of spansOf(quarters, time.day)) await sumUp(database, sums(QUARTER.name), DAY.name, day);
      for (const month of spansOf(quarters, time.month)) await sumUp(database, sums(DAY.name), MONTH.name, month);
    });
  }
}

function spansOf(moments: readonly number[], spanOf: (at: number) => Span): readonly Span[] {
  return [...new Map(moments.map((at) => [spanOf(at).from, spanOf(at)])).values()];
}

/** A sum that was made of more stays: what it was made of may have been deleted since. */
async function sumUp(
  database: Database,
  { table, time, aggregates, first, last }: Source,
  into: string,
  { from, to }: Span,
): Promise<void> {
  const { dialect } = database;
  const known = table === READINGS.table ? ' AND s.number IS NOT NULL' : '';
  const replacement = dialect.replace({ table: into, keys: keysOf(into), columns: COLUMNS, unlessLess: 'samples' });
  const values: Value[] = [from, from, to];
  await database.run(
    `INSERT INTO ${into} (start, property, ${COLUMNS.join(', ')})
     SELECT ${dialect.integer}, g.property, g.samples, a.${first}, b.${last}, g.minimum, g.maximum, g.mean
     FROM (SELECT p.id AS property, ${aggregates}, MIN(s.${time}) AS earliest, MAX(s.${time}) AS latest
           FROM meter_property p JOIN ${table} s ON s.property = p.id AND s.${time} >= ? AND s.${time} < ?${known} GROUP BY p.id) g
     JOIN ${table} a ON a.property = g.property AND a.${time} = g.earliest
     JOIN ${table} b ON b.property = g.property AND b.${time} = g.latest
     WHERE g.samples > 0 ${replacement}`,
    values,
  );
}

function keysOf(table: string): readonly string[] {
  return table === QUARTER.name ? ['start', 'property'] : ['property', 'start'];
}
