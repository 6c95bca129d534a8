import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { LinkError } from '../../src/model/errors.js';
import { openPostgresql } from '../../src/sinks/sql/postgresql.js';
import sql from '../../src/sinks/sql/index.js';
import { skipWithoutServer, startDatabaseServer, type DatabaseServer } from '../support/database-server.js';
import { makeHistory, NOON, readAll, recorded, writeTo } from '../support/histories.js';
import { sqlContract } from '../support/sql-contract.js';
import { serverSettings, sqlSettings } from '../support/sql.js';

const skip = skipWithoutServer('postgresql');
const never = new AbortController().signal;
let server: DatabaseServer | undefined;
let made = 0;

before(async () => {
  if (skip === false) server = await startDatabaseServer('postgresql');
});
after(async () => {
  await server?.end();
});

function settingsOf(database: string) {
  return serverSettings('postgresql', server?.host ?? '', database);
}

function connectTo(database: string) {
  return openPostgresql(settingsOf(database), never, () => undefined);
}

/** Makes a database that is empty. */
async function make() {
  const name = `test_${(made += 1)}`;
  const postgres = await connectTo('postgres');
  await postgres.run(`CREATE DATABASE ${name}`);
  await postgres.close();
  return {
    settings: sqlSettings(settingsOf(name)),
    connect: () => connectTo(name),
    isUp: async (up: boolean) => server?.isUp(up),
    end: () => Promise.resolve(),
  };
}

sqlContract('PostgreSQL', { skip }, make);

test('PostgreSQL: a wrong password is said, and not tried again at once', { skip }, async () => {
  const { sink } = makeHistory(sql, sqlSettings({ ...settingsOf('postgres'), password: 'another' }));
  await assert.rejects(
    writeTo(sink),
    (error) =>
      error instanceof LinkError && /password authentication failed/.test(error.message) && error.retryAfterMs === 300_000,
  );
});

test('PostgreSQL: where TimescaleDB is, readings are a hypertable', { skip }, async () => {
  const { settings, connect } = await make();
  const database = await connect();
  // A stub of the extension: it is known, and its function notes what it is asked.
  await database.run("INSERT INTO pg_extension VALUES (99999, 'timescaledb', 10, 11, false, '2.0', NULL, NULL)");
  await database.run('CREATE TABLE asked (what text)');
  await database.run(
    `CREATE FUNCTION create_hypertable(relation regclass, time_column name, chunk_time_interval bigint, migrate_data boolean, if_not_exists boolean)
     RETURNS void LANGUAGE sql AS 'INSERT INTO asked VALUES (concat_ws('' '', relation, time_column, chunk_time_interval, migrate_data, if_not_exists))'`,
  );
  await writeTo(makeHistory(sql, settings).sink, [recorded({ 'power/current-usage': 1 }, NOON)]);
  assert.deepEqual(await database.run('SELECT what FROM asked'), [{ what: 'meter_reading at 604800000 t t' }]);
  await database.close();
  assert.equal((await readAll(sql, settings)).length, 1);
});
