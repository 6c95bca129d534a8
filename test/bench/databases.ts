import { dirname, join } from 'node:path';
import { systemClock } from '../../src/pipeline/clock.js';
import type { Database } from '../../src/sinks/sql/database.js';
import sql from '../../src/sinks/sql/index.js';
import { openMariadb } from '../../src/sinks/sql/mariadb.js';
import { openPostgresql } from '../../src/sinks/sql/postgresql.js';
import type { SqlSettings } from '../../src/sinks/sql/settings.js';
import { openSqlite } from '../../src/sinks/sql/sqlite.js';
import { skipWithoutServer, startDatabaseServer } from '../support/database-server.js';
import { temporaryFolder } from '../support/histories.js';
import { serverSettings, sqlSettings } from '../support/sql.js';
import type { Figure } from './figure.js';
import { historyFigure, secondsOf } from './history.js';

const { signal: never } = new AbortController();

/** How a database is asked to put its readings aside, to forget them, and to load them again, keys and all. */
interface Reloading {
  readonly name: string;
  readonly loader: string;
  readonly database: SqlSettings['database'];
  readonly connect: () => Promise<Database>;
  readonly putAside: string;
  readonly empty: string;
  readonly load: string;
}

/** Rows by the sink `sql` into a file of SQLite, beside one statement that inserts them all. */
export async function intoSqlite(): Promise<Figure> {
  using folder = temporaryFolder();
  const path = join(folder.path, 'meter.sqlite');
  return await databaseFigure({
    name: 'SQLite',
    loader: 'one `INSERT … SELECT`',
    database: { type: 'sqlite', path },
    connect: () => openSqlite(path, systemClock),
    putAside: 'CREATE TEMP TABLE aside AS SELECT * FROM meter_reading',
    empty: 'DELETE FROM meter_reading',
    load: 'INSERT INTO meter_reading SELECT * FROM aside',
  });
}

/** Rows by the sink `sql` into PostgreSQL, beside COPY. */
export function intoPostgresql(): Promise<Figure> {
  return withServer('postgresql', (host) => {
    const file = join(host, 'aside');
    const database = serverSettings('postgresql', host, 'postgres');
    return databaseFigure({
      name: 'PostgreSQL',
      loader: '`COPY`',
      database,
      connect: () => openPostgresql(database, never, () => undefined),
      putAside: `COPY meter_reading TO '${file}'`,
      empty: 'TRUNCATE TABLE meter_reading',
      load: `COPY meter_reading FROM '${file}'`,
    });
  });
}

/** Rows by the sink `sql` into MariaDB, beside LOAD DATA. */
export function intoMariadb(): Promise<Figure> {
  return withServer('mariadb', async (host) => {
    const file = join(dirname(host), 'aside');
    const connectTo = (name: string): Promise<Database> =>
      openMariadb(serverSettings('mariadb', host, name), never, () => undefined);
    await withConnection(await connectTo('mysql'), (mysql) => mysql.run('CREATE DATABASE bench'));
    return databaseFigure({
      name: 'MariaDB',
      loader: '`LOAD DATA`',
      database: serverSettings('mariadb', host, 'bench'),
      connect: () => connectTo('bench'),
      putAside: `SELECT * INTO OUTFILE '${file}' FROM meter_reading`,
      empty: 'TRUNCATE TABLE meter_reading',
      load: `LOAD DATA INFILE '${file}' INTO TABLE meter_reading`,
    });
  });
}

function databaseFigure({ name, loader, database, connect, putAside, empty, load }: Reloading): Promise<Figure> {
  return historyFigure({
    name: `\`sql\`, ${name}`,
    kind: sql,
    settings: sqlSettings(database),
    loader,
    load: async () =>
      withConnection(await connect(), async (connection) => {
        const rows = await rowsOf(connection);
        await connection.run(putAside);
        await connection.run(empty);
        const seconds = await secondsOf(() => connection.run(load));
        const loaded = await rowsOf(connection);
        if (loaded !== rows) throw new Error(`${name}: ${loaded} of ${rows} rows were loaded`);
        return seconds;
      }),
  });
}

async function rowsOf(database: Database): Promise<number> {
  const [row] = await database.run('SELECT count(*) AS n FROM meter_reading');
  return Number(row?.n);
}

async function withConnection<T>(database: Database, use: (database: Database) => Promise<T>): Promise<T> {
  try {
    return await use(database);
  } finally {
    await database.close();
  }
}

async function withServer(kind: 'postgresql' | 'mariadb', measure: (host: string) => Promise<Figure>): Promise<Figure> {
  const missing = skipWithoutServer(kind);
  if (missing !== false) return { what: `\`sql\`, ${kind}`, measured: missing };
  const server = await startDatabaseServer(kind);
  try {
    return await measure(server.host);
  } finally {
    await server.end();
  }
}
