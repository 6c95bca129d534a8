import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LinkError } from '../../src/model/errors.js';
import { openMariadb } from '../../src/sinks/sql/mariadb.js';
import { openPostgresql } from '../../src/sinks/sql/postgresql.js';
import { skipWithoutServer, startDatabaseServer } from '../support/database-server.js';
import { AUTHORITY, ELSEWHERE, LOCALHOST } from '../support/mqtt-certificates.js';
import { serverSettings } from '../support/sql.js';

const never = new AbortController().signal;

for (const { type, name, own, open, cipher } of [
  {
    type: 'postgresql',
    name: 'PostgreSQL',
    own: 'postgres',
    open: openPostgresql,
    cipher: 'SELECT cipher AS "Value" FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
  },
  { type: 'mariadb', name: 'MariaDB', own: 'mysql', open: openMariadb, cipher: "SHOW STATUS LIKE 'Ssl_cipher'" },
] as const)
  test(
    `${name}: with tls the connection is encrypted, and a server is believed that the authority has signed under its name alone`,
    { skip: skipWithoutServer(type) },
    async () => {
      const server = await startDatabaseServer(type, LOCALHOST);
      const settings = { ...serverSettings(type, 'localhost', own), port: server.port, tls: true };
      const connect = (ca: string | undefined) => open({ ...settings, ca }, never, () => undefined);
      try {
        const database = await connect(AUTHORITY);
        const [row] = await database.run(cipher);
        await database.close();
        assert.match(String(row?.Value), /^(TLS|ECDHE)/);
        const unknown = (error: unknown) => error instanceof LinkError && /unable to (verify|get)/.test(error.message);
        await assert.rejects(connect(undefined), unknown);
        await server.isUp(false);
        server.show(ELSEWHERE);
        await server.isUp(true);
        await assert.rejects(connect(AUTHORITY), (error) => error instanceof LinkError && /broker\.example/.test(error.message));
      } finally {
        await server.end();
      }
    },
  );
