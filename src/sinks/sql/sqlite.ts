import { existsSync } from 'node:fs';
import { mkdir, open, rmdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { LinkError } from '../../model/errors.js';
import type { Clock } from '../../model/ports.js';
import { claim, type Claim } from '../../pipeline/owner.js';
import { isSystemError } from '../../pipeline/system-error.js';
import type { Database, Row } from './database.js';
import { DIALECTS } from './dialect.js';
import { rollBack } from './hot-journal.js';
import { loadSqlite, type Connection } from './sqlite-builds.js';

/** How often, and how long at the most, a file is asked for that another process is writing to. */
const BUSY = { stepMs: 20, tries: 250 } as const;
/** No transaction takes so long: who has held the lock since then is gone. */
const STALE_LOCK_MS = 60_000;

/** Opens the file of a database as its only writer; there may be readers. @throws LinkError another one writes it, or it cannot be opened */
export async function openSqlite(file: string, clock: Clock): Promise<Database> {
  const path = resolve(file);
  return attempt(path, async () => {
    const build = await loadSqlite();
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const owned = await claim(`${path}.pid`, `the database ${path}`);
    try {
      if (build.needsRecovery) await recover(path, owned.orphaned, clock);
      // It is nobody else's to read, whatever SQLite would make.
      await (await open(path, 'a', 0o600)).close();
      const connection = build.connect(path);
      // A commit is on disk when it returns: what was acknowledged is never lost.
      connection.all('PRAGMA synchronous = FULL', []);
      return databaseOf(path, connection, clock, owned);
    } catch (error) {
      await owned.release();
      throw error;
    }
  });
}

/** Opens the file of a database to read it, beside its writer. @throws LinkError there is none */
export async function openSqliteToRead(file: string, clock: Clock): Promise<Database> {
  const path = resolve(file);
  return attempt(path, async () => {
    if (!existsSync(path)) throw new LinkError(`there is no database ${path}`);
    const build = await loadSqlite();
    if (build.needsRecovery && existsSync(`${path}-journal`)) await recoverUnlessOwned(path, clock);
    return databaseOf(path, build.connect(path), clock);
  });
}

/** What its writer left when it was killed, when there is no other one. */
async function recoverUnlessOwned(path: string, clock: Clock): Promise<void> {
  const owned = await claim(`${path}.pid`, `the database ${path}`).catch((error: unknown) => {
    if (!(error instanceof LinkError)) throw error;
    return undefined;
  });
  if (!owned) return;
  try {
    await recover(path, owned.orphaned, clock);
  } finally {
    await owned.release();
  }
}

/** Removes the lock of one that was killed, and undoes the transaction that it was in. */
async function recover(path: string, orphaned: boolean, clock: Clock): Promise<void> {
  const lock = `${path}.lock`;
  const lockedAt = existsSync(lock) ? (await stat(lock)).mtimeMs : undefined;
  if (lockedAt !== undefined && (orphaned || clock.now() - lockedAt > STALE_LOCK_MS)) await rmdir(lock);
  if (!existsSync(lock)) await rollBack(path);
}

function databaseOf(path: string, connection: Connection, clock: Clock, owned?: Claim): Database {
  return {
    dialect: DIALECTS.sqlite,
    run: (sql, values = []) => attempt(path, () => whenFree(clock, () => connection.all(sql, values))),
    close: async () => {
      try {
        connection.close();
      } finally {
        await owned?.release();
      }
    },
  };
}

/** Tries again while another process is in a transaction. */
async function whenFree(clock: Clock, work: () => readonly Row[]): Promise<readonly Row[]> {
  for (let tries = 0; ; tries++)
    try {
      return work();
    } catch (error) {
      if (!(error instanceof Error && /database is locked/.test(error.message)) || tries >= BUSY.tries) throw error;
      await clock.sleep(BUSY.stepMs, new AbortController().signal);
    }
}

/** Whether an error is about what we asked rather than about the file: then it is ours to mend. */
const OUR_MISTAKE = /syntax error|no such (table|column|function)|has no column|values for \d+ columns/;

async function attempt<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error) || error instanceof LinkError) throw error;
    // Either build throws what names SQLite, or is the system's word.
    const isSqlite = error.name === 'SQLite3Error' || ('code' in error && error.code === 'ERR_SQLITE_ERROR');
    if (!isSystemError(error) && (!isSqlite || OUR_MISTAKE.test(error.message))) throw error;
    throw new LinkError(`${path}: ${wordsOf(error)}`, { cause: error });
  }
}

/** The build in WebAssembly knows no better word where a disk is full. */
function wordsOf({ message }: Error): string {
  return message === 'disk I/O error' ? 'cannot be read or written; is the disk full?' : message;
}
