import { LinkError } from '../../model/errors.js';
import type { Row, Value } from './database.js';

/** An open file, as this program needs it of either build of SQLite. */
export interface Connection {
  all(sql: string, values: readonly Value[]): readonly Row[];
  close(): void;
}

/** A build of SQLite. */
export interface Build {
  connect(path: string): Connection;
  /** Whether a process that was killed leaves a lock, and a transaction that is not undone by itself. */
  readonly needsRecovery: boolean;
}

/** What a host that has neither is to do. */
const MISSING = 'SQLite needs Node.js 22.13 or newer, or the package node-sqlite3-wasm: npm install';

/** The build of Node itself where it has one, else the one in WebAssembly. @throws LinkError there is neither */
export async function loadSqlite(): Promise<Build> {
  return (await builtIn()) ?? (await webAssembly());
}

async function builtIn(): Promise<Build | undefined> {
  try {
    const { DatabaseSync } = await import('node:sqlite');
    return {
      needsRecovery: false,
      connect: (path) => {
        const database = new DatabaseSync(path, { timeout: 5_000 });
        return {
          all: (sql, values) => database.prepare(sql).all(...values),
          close: () => {
            database.close();
          },
        };
      },
    };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_UNKNOWN_BUILTIN_MODULE') return undefined;
    throw error;
  }
}

async function webAssembly(): Promise<Build> {
  const { Database } = await import('node-sqlite3-wasm').then(
    (module) => module.default,
    (cause: unknown) => {
      throw new LinkError(MISSING, { cause, retryAfterMs: 300_000 });
    },
  );
  return {
    needsRecovery: true,
    connect: (path) => {
      const database = new Database(path);
      return {
        all: (sql, values) => database.all(sql, [...values]),
        close: () => {
          database.close();
        },
      };
    },
  };
}
