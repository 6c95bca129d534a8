import type { Dialect } from './dialect.js';

/** What a statement is given for each `?` in it. */
export type Value = number | string | null;

/** A row by its columns; large integers may come as texts. */
export type Row = Readonly<Record<string, unknown>>;

/** A connection to a database. Its calls never overlap. */
export interface Database {
  readonly dialect: Dialect;
  /**
   * Runs one statement.
   * @param sql the same text for the same thing: what differs is bound to its `?`
   * @throws LinkError the database is away, full, or refuses us
   */
  run(sql: string, values?: readonly Value[]): Promise<readonly Row[]>;
  close(): Promise<void>;
}

/** Runs work of which everything holds afterwards, or nothing. */
export async function transaction<T>(database: Database, work: () => Promise<T>): Promise<T> {
  await database.run('BEGIN');
  try {
    const result = await work();
    await database.run('COMMIT');
    return result;
  } catch (error) {
    // A connection that is lost has rolled back by itself.
    await database.run('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
