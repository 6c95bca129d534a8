import { Socket } from 'node:net';
import type { Client } from 'pg';
import { LinkError } from '../../model/errors.js';
import type { Database } from './database.js';
import { DIALECTS } from './dialect.js';
import { serverError, tlsOf } from './servers.js';
import type { ServerSettings } from './settings.js';

const { postgresql } = DIALECTS;

/**
 * Connects to PostgreSQL.
 * @param lost told when the connection breaks while nothing is asked
 */
export async function openPostgresql(
  settings: ServerSettings,
  signal: AbortSignal,
  lost: (error: LinkError) => void,
): Promise<Database> {
  const { Client } = await import('pg').then((module) => module.default);
  const { host, port, database, username, password } = settings;
  const ssl = (await tlsOf(settings, signal)) ?? false;
  // Ours, so that it can be let go of whatever the server does.
  const socket = new Socket();
  const letGo = (): void => {
    socket.destroy();
  };
  const client = new Client({ host, port, database, user: username, password, ssl, stream: () => socket });
  client.on('error', (error) => {
    const meant = serverError(postgresql.name, error);
    if (meant instanceof LinkError) lost(meant);
  });
  signal.addEventListener('abort', letGo, { once: true });
  try {
    await client.connect();
  } catch (error) {
    letGo();
    throw serverError(postgresql.name, error);
  } finally {
    signal.removeEventListener('abort', letGo);
  }
  return databaseOf(client, letGo);
}

function databaseOf(client: Client, letGo: () => void): Database {
  return {
    dialect: postgresql,
    run: async (sql, values = []) => {
      let n = 0;
      const text = sql.replaceAll('?', () => postgresql.placeholder(++n));
      try {
        return (await client.query<Record<string, unknown>>(text, [...values])).rows;
      } catch (error) {
        throw serverError(postgresql.name, error);
      }
    },
    close: async () => {
      // The server needs no good-bye: it has committed, or rolls back.
      letGo();
      await client.end().catch(() => undefined);
    },
  };
}
