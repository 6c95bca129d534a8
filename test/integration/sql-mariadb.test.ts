import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { LinkError } from '../../src/model/errors.js';
import { openMariadb } from '../../src/sinks/sql/mariadb.js';
import sql from '../../src/sinks/sql/index.js';
import { skipWithoutServer, startDatabaseServer, type DatabaseServer } from '../support/database-server.js';
import { makeHistory, writeTo } from '../support/histories.js';
import { sqlContract } from '../support/sql-contract.js';
import { serverSettings, sqlSettings } from '../support/sql.js';

const skip = skipWithoutServer('mariadb');
const never = new AbortController().signal;
let server: DatabaseServer | undefined;
let made = 0;

before(async () => {
  if (skip === false) server = await startDatabaseServer('mariadb');
});
after(async () => {
  await server?.end();
});

function settingsOf(database: string) {
  return serverSettings('mariadb', server?.host ?? '', database);
}

function connectTo(database: string) {
  return openMariadb(settingsOf(database), never, () => undefined);
}

/** Makes a database that is empty. */
async function make() {
  const name = `test_${(made += 1)}`;
  const mysql = await connectTo('mysql');
  await mysql.run(`CREATE DATABASE ${name}`);
  await mysql.close();
  return {
    settings: sqlSettings(settingsOf(name)),
    connect: () => connectTo(name),
    isUp: async (up: boolean) => server?.isUp(up),
    end: () => Promise.resolve(),
  };
}

sqlContract('MariaDB', { skip }, make);

test('MariaDB: a wrong password is said, and not tried again at once', { skip }, async () => {
  const { sink } = makeHistory(sql, sqlSettings({ ...settingsOf('mysql'), password: 'another' }));
  await assert.rejects(
    writeTo(sink),
    (error) => error instanceof LinkError && /Access denied/.test(error.message) && error.retryAfterMs === 300_000,
  );
});
