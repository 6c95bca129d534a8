import { defineSettings, type SettingsOf } from '../../model/settings.js';

/** What a server asks for. */
const SERVER = {
  host: { doc: 'Host name, or the folder (PostgreSQL) or file (MariaDB) of a socket', format: 'text', default: 'localhost' },
  database: { doc: 'The database, which must exist', format: 'text', default: 'smart_meter' },
  username: { doc: 'User name', format: 'text', default: 'smart_meter' },
  password: { doc: 'Password', format: 'text', optional: true, sensitive: true },
  tls: {
    doc: 'Whether the connection is encrypted and the certificate of the server verified',
    format: 'boolean',
    default: false,
  },
  ca: {
    doc: 'With tls, the certificates that that of the server must be signed by: the path of a PEM file',
    format: 'text',
    optional: true,
  },
} as const;

/** The keys of a sink `sql`. */
export const SETTINGS = defineSettings({
  database: {
    default: 'sqlite',
    choice: {
      sqlite: { path: { doc: 'The file of the database; made where it is not there', format: 'text' } },
      postgresql: { ...SERVER, port: { doc: 'TCP port', format: 'integer', default: 5_432, min: 1, max: 65_535 } },
      mariadb: { ...SERVER, port: { doc: 'TCP port', format: 'integer', default: 3_306, min: 1, max: 65_535 } },
    },
  },
  time_zone: {
    doc: 'Where days and months begin; at the midnight of this machine when absent',
    format: 'time-zone',
    optional: true,
  },
  keep_days: {
    doc: 'After how many days readings are deleted; sums of quarters, days and months stay; never when absent',
    format: 'integer',
    optional: true,
    min: 1,
  },
  write_interval: { doc: 'How long readings may wait before they are written', format: 'duration', default: '1m', min: 100 },
});

/** What they hold after validation. */
export type SqlSettings = SettingsOf<typeof SETTINGS>;

/** Where the tables are. */
export type DatabaseSettings = SqlSettings['database'];

/** How a server is reached. */
export type ServerSettings = Extract<DatabaseSettings, { readonly host: string }>;
