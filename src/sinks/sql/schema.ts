import { LinkError } from '../../model/errors.js';
import { transaction, type Database } from './database.js';
import type { Dialect } from './dialect.js';

/** How long a database that a person must see to is left alone. */
const FOR_A_PERSON_MS = 300_000;

/** A table that sums up: which one it is made of, and over what time. */
export interface SummaryTable {
  readonly name: string;
  readonly resolution: '15m' | '1d' | '1M';
}

/** The tables that sum up, the finest first. */
export const SUMMARIES = [
  { name: 'meter_quarter', resolution: '15m' },
  { name: 'meter_day', resolution: '1d' },
  { name: 'meter_month', resolution: '1M' },
] as const satisfies readonly SummaryTable[];

/** For people and dashboards. */
const VIEWS: readonly string[] = ['meter_readings', ...SUMMARIES.map(({ name }) => `${name}s`)];

/**
 * The statements of each version of the tables, oldest first. What has been released is never changed: a further version is added.
 * Each can be repeated: MariaDB makes tables and views outside of transactions, so that a kill may come between them.
 *
 * Times are milliseconds since 1970 UTC. Readings are by time first, so that a batch touches few pages; days and months by property first, so that a year is
 * a few hundred rows side by side. `meter_pending` holds the quarters whose sums are still to be made.
 */
const VERSIONS: readonly ((dialect: Dialect) => readonly string[])[] = [
  ({ types: { id, integer, number, key, text }, tableOptions }) => [
    `CREATE TABLE IF NOT EXISTS meter_property (id ${id}, device ${key} NOT NULL, path ${key} NOT NULL, unit ${key} NOT NULL, name ${text} NOT NULL,
       quantity ${key} NOT NULL, kind ${key} NOT NULL, datatype ${key} NOT NULL, position ${integer} NOT NULL, UNIQUE (device, path, unit))`,
    `CREATE TABLE IF NOT EXISTS meter_reading (at ${integer} NOT NULL, property ${integer} NOT NULL, number ${number}, text ${text}, PRIMARY KEY (at, property))${tableOptions}`,
    `CREATE TABLE IF NOT EXISTS meter_pending (start ${integer} NOT NULL PRIMARY KEY)`,
    ...SUMMARIES.map(({ name, resolution }) => {
      const keys = resolution === '15m' ? 'start, property' : 'property, start';
      return `CREATE TABLE IF NOT EXISTS ${name} (start ${integer} NOT NULL, property ${integer} NOT NULL, samples ${integer} NOT NULL, first ${number} NOT NULL,
        last ${number} NOT NULL, minimum ${number} NOT NULL, maximum ${number} NOT NULL, mean ${number} NOT NULL, PRIMARY KEY (${keys}))${tableOptions}`;
    }),
  ],
  ({ time }) => [
    ...VIEWS.map((view) => `DROP VIEW IF EXISTS ${view}`),
    `CREATE VIEW meter_readings AS SELECT ${time('r.at')} AS time, p.device, p.path, r.number, p.unit, r.text
       FROM meter_reading r JOIN meter_property p ON p.id = r.property`,
    ...SUMMARIES.map(
      ({
        name,
      }) => `CREATE VIEW ${name}s AS SELECT ${time('s.start')} AS time, p.device, p.path, p.unit, s.samples, s.first, s.last, s.minimum, s.maximum, s.mean
       FROM ${name} s JOIN meter_property p ON p.id = s.property`,
    ),
  ],
];

/** The newest version of the tables. */
export const NEWEST_VERSION = VERSIONS.length;

/**
 * Makes the tables, or brings those of an older version up to date.
 * @param timeZone where days begin; that of the tables once they are there
 * @throws LinkError the tables are of a newer version, or their days begin elsewhere
 */
export async function migrate(database: Database, timeZone: string): Promise<void> {
  const { dialect } = database;
  const { key, text } = dialect.types;
  await database.run(`CREATE TABLE IF NOT EXISTS meter_schema (name ${key} NOT NULL PRIMARY KEY, value ${text} NOT NULL)`);
  const version = Number((await recall(database, 'version')) ?? 0);
  if (version > NEWEST_VERSION)
    throw new LinkError(`its tables are of version ${version}, of a newer program: this one knows ${NEWEST_VERSION}`, {
      retryAfterMs: FOR_A_PERSON_MS,
    });
  for (const [index, statements] of [...VERSIONS.entries()].slice(version))
    await transaction(database, async () => {
      for (const statement of statements(dialect)) await database.run(statement);
      await remember(database, 'version', String(index + 1));
    });
  const zone = await recall(database, 'time_zone');
  if (zone === undefined) await remember(database, 'time_zone', timeZone);
  else if (zone !== timeZone)
    throw new LinkError(`its days are those of ${zone}: set time_zone = "${zone}" instead of ${timeZone}`, {
      retryAfterMs: FOR_A_PERSON_MS,
    });
  const { partition } = dialect;
  if (partition && (await database.run(partition.isThere)).length > 0) await database.run(partition.apply);
}

async function recall(database: Database, name: string): Promise<string | undefined> {
  const [row] = await database.run('SELECT value FROM meter_schema WHERE name = ?', [name]);
  return row && String(row.value);
}

async function remember(database: Database, name: string, value: string): Promise<void> {
  const replacement = database.dialect.replace({ table: 'meter_schema', keys: ['name'], columns: ['value'] });
  await database.run(`INSERT INTO meter_schema (name, value) VALUES (?, ?) ${replacement}`, [name, value]);
}
