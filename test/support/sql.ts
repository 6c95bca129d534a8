import { PASSWORD } from './database-server.js';
import type { SqlSettings } from '../../src/sinks/sql/settings.js';

/** Settings of a sink `sql` as they are after validation, in Vienna where a test does not say otherwise. */
export function sqlSettings(database: SqlSettings['database'], some: Partial<SqlSettings> = {}): SqlSettings {
  return { database, time_zone: 'Europe/Vienna', keep_days: undefined, write_interval: 60_000, ...some };
}

type ServerDatabase = Extract<SqlSettings['database'], { readonly host: string }>;

/** Settings of a database on a server of the tests. */
export function serverSettings(type: ServerDatabase['type'], host: string, database: string): ServerDatabase {
  return { type, host, port: 5_432, database, username: 'smart_meter', password: PASSWORD, tls: false, ca: undefined };
}
