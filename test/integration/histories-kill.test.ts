import { test } from 'node:test';
import sql from '../../src/sinks/sql/index.js';
import { openMariadb } from '../../src/sinks/sql/mariadb.js';
import { openPostgresql } from '../../src/sinks/sql/postgresql.js';
import { PASSWORD, skipWithoutServer, startDatabaseServer } from '../support/database-server.js';
import { readAll } from '../support/histories.js';
import { skipWithoutInfluxdb, startInfluxdb } from '../support/influxdb.js';
import { killHousehold } from '../support/killed-household.js';
import { serverSettings, sqlSettings } from '../support/sql.js';

const never = new AbortController().signal;

test(
  'a program that is killed at random moments loses nothing: InfluxDB and a web server have the same readings, each once',
  { skip: skipWithoutInfluxdb },
  async (t) => {
    await using influxdb = await startInfluxdb();
    await killHousehold(t, {
      kills: 4,
      sink: `[sinks.influxdb]
version = 1
url = "${influxdb.url}"
database = "house"
batch_interval = "150ms"
`,
      stored: async () => {
        const rows = await influxdb.query('SELECT imported_total FROM energy', 'house');
        return rows.map(({ time, imported_total: total }) => ({ at: Number(time), total }));
      },
    });
  },
);

for (const { type, name, own, open } of [
  { type: 'postgresql', name: 'PostgreSQL', own: 'postgres', open: openPostgresql },
  { type: 'mariadb', name: 'MariaDB', own: 'mysql', open: openMariadb },
] as const)
  test(
    `a program that is killed at random moments loses nothing: ${name} and a web server have the same readings, each once`,
    { skip: skipWithoutServer(type) },
    async (t) => {
      const server = await startDatabaseServer(type);
      try {
        const maker = await open(serverSettings(type, server.host, own), never, () => undefined);
        await maker.run('CREATE DATABASE house');
        await maker.close();
        await killHousehold(t, {
          kills: 3,
          sink: `[sinks.sql]
time_zone = "Europe/Vienna"
write_interval = "150ms"
[sinks.sql.database]
type = "${type}"
host = "${server.host}"
database = "house"
`,
          secrets: `[sinks.sql.database]\npassword = "${PASSWORD}"\n`,
          stored: async () => {
            const readings = await readAll(sql, sqlSettings(serverSettings(type, server.host, 'house')));
            return readings.map(({ at, values }) => ({ at, total: values['energy/imported-total'] }));
          },
        });
      } finally {
        await server.end();
      }
    },
  );
