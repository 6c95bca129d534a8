/** In what the databases differ: the words of one writer and one reader. */
export interface Dialect {
  readonly name: string;
  /** The types of columns: a key that counts by itself, an integer of 64 bits, a double, a text that can be a key, any text. */
  readonly types: {
    readonly id: string;
    readonly integer: string;
    readonly number: string;
    readonly key: string;
    readonly text: string;
  };
  /** What stands behind the columns of a table whose primary key is what it is searched by. */
  readonly tableOptions: string;
  /** The `n`th value that is bound, from 1. */
  readonly placeholder: (n: number) => string;
  /** A bound integer where its type cannot be told from its place. */
  readonly integer: string;
  /** A column of milliseconds since 1970 UTC, as a time that people and dashboards can read. */
  readonly time: (column: string) => string;
  /** What becomes of a row that is there already: the end of an INSERT. */
  readonly replace: (replacement: Replacement) => string;
  /** Makes a table of readings one that is cut into pieces by time, where the database has been taught to. */
  readonly partition?: { readonly isThere: string; readonly apply: string };
}

/** A row that is there already gets new values. */
export interface Replacement {
  readonly table: string;
  readonly keys: readonly string[];
  readonly columns: readonly string[];
  /** Only where the new value of this column is not less. */
  readonly unlessLess?: string;
}

/** SQLite and PostgreSQL. */
function onConflict({ table, keys, columns, unlessLess }: Replacement): string {
  const target = `ON CONFLICT (${keys.join(', ')}) DO`;
  if (columns.length === 0) return `${target} NOTHING`;
  const guard = unlessLess === undefined ? '' : ` WHERE excluded.${unlessLess} >= ${table}.${unlessLess}`;
  return `${target} UPDATE SET ${columns.map((column) => `${column} = excluded.${column}`).join(', ')}${guard}`;
}

/** Assignments happen one after the other: the column that decides comes last. */
function onDuplicateKey({ table, keys, columns, unlessLess }: Replacement): string {
  const assign = (column: string): string => {
    const value = `VALUES(${column})`;
    if (unlessLess === undefined) return `${column} = ${value}`;
    return `${column} = IF(VALUES(${unlessLess}) >= ${table}.${unlessLess}, ${value}, ${table}.${column})`;
  };
  const ordered =
    columns.length === 0
      ? keys.slice(0, 1)
      : columns.toSorted((one, other) => Number(one === unlessLess) - Number(other === unlessLess));
  return `ON DUPLICATE KEY UPDATE ${ordered.map(assign).join(', ')}`;
}

/** A week of readings in a piece, in milliseconds. */
const PIECE_MS = 604_800_000;

/** The databases by the words of the settings. */
export const DIALECTS = {
  sqlite: {
    name: 'SQLite',
    types: { id: 'INTEGER PRIMARY KEY', integer: 'INTEGER', number: 'REAL', key: 'TEXT', text: 'TEXT' },
    tableOptions: ' WITHOUT ROWID',
    placeholder: () => '?',
    integer: '?',
    time: (column) => `strftime('%Y-%m-%dT%H:%M:%fZ', ${column} / 1000.0, 'unixepoch')`,
    replace: onConflict,
  },
  postgresql: {
    name: 'PostgreSQL',
    types: {
      id: 'BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY',
      integer: 'BIGINT',
      number: 'DOUBLE PRECISION',
      key: 'TEXT',
      text: 'TEXT',
    },
    tableOptions: '',
    placeholder: (n) => `$${n}`,
    integer: 'CAST(? AS BIGINT)',
    time: (column) => `to_timestamp(${column} / 1000.0)`,
    replace: onConflict,
    partition: {
      isThere: "SELECT 1 FROM pg_extension WHERE extname = 'timescaledb'",
      apply: `SELECT create_hypertable('meter_reading', 'at', chunk_time_interval => ${PIECE_MS}, migrate_data => true, if_not_exists => true)`,
    },
  },
  mariadb: {
    name: 'MariaDB',
    types: {
      id: 'BIGINT AUTO_INCREMENT PRIMARY KEY',
      integer: 'BIGINT',
      number: 'DOUBLE',
      // Compared byte by byte, as everywhere else, and short enough for a key of three.
      key: 'VARCHAR(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
      text: 'MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
    },
    tableOptions: ' ENGINE = InnoDB',
    placeholder: () => '?',
    integer: '?',
    time: (column) => `from_unixtime(${column} / 1000.0)`,
    replace: onDuplicateKey,
  },
} as const satisfies Record<string, Dialect>;
