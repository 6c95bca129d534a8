import { LinkError } from '../../model/errors.js';
import type { Database, Row } from './database.js';
import { DIALECTS } from './dialect.js';
import { isSocket, serverError, tlsOf } from './servers.js';
import type { ServerSettings } from './settings.js';

const { mariadb } = DIALECTS;

/**
 * Connects to MariaDB.
 * @param lost told when the connection breaks while nothing is asked
 */
export async function openMariadb(
  settings: ServerSettings,
  signal: AbortSignal,
  lost: (error: LinkError) => void,
): Promise<Database> {
  const { createConnection } = await import('mysql2/promise').then((module) => module.default);
  const { host, port, database, username, password } = settings;
  const ssl = await tlsOf(settings, signal);
  const connection = await createConnection({
    ...(isSocket(host) ? { socketPath: host } : { host, port }),
    database,
    user: username,
    ...(password !== undefined && { password }),
    // Without this its driver believes a certificate for any name.
    ...(ssl && { ssl: { ...ssl, verifyIdentity: true } }),
    // It makes parsers of rows from text otherwise.
    disableEval: true,
    charset: 'utf8mb4_bin',
    // Times are shown in UTC.
    timezone: 'Z',
  }).catch((error: unknown) => {
    throw serverError(mariadb.name, error);
  });
  connection.on('error', (error) => {
    const meant = serverError(mariadb.name, error);
    if (meant instanceof LinkError) lost(meant);
  });
  if (signal.aborted) connection.destroy();
  return {
    dialect: mariadb,
    run: async (sql, values = []) => {
      try {
        // What is not given values may be what cannot be prepared.
        const [rows] = values.length === 0 ? await connection.query(sql) : await connection.execute(sql, [...values]);
        return Array.isArray(rows) ? (rows as Row[]) : [];
      } catch (error) {
        throw serverError(mariadb.name, error);
      }
    },
    close: () => {
      // The server needs no good-bye: it has committed, or rolls back.
      connection.destroy();
      return Promise.resolve();
    },
  };
}
