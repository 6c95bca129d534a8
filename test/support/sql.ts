import type { SqlSettings } from '../../src/sinks/sql/settings.js';

/** Settings of a sink `sql` as they are after validation, in Vienna where a test does not say otherwise. */
export function sqlSettings(database: SqlSettings['database'], some: Partial<SqlSettings> = {}): SqlSettings {
  return { database, time_zone: 'Europe/Vienna', keep_days: undefined, write_interval: 60_000, ...some };
}

/** A server's settings as they are after validation. */
export function serverSettings(
  host: string,
  port: number,
): Omit<Extract<SqlSettings['database'], { readonly host: string }>, 'type'> {
  return { host, port, database: 'smart_meter', username: 'smart_meter', password: undefined, tls: false, ca: undefined };
}
