/** What is used of a module that the types of Node 20 do not know. Node.js documentation, "SQLite". */
declare module 'node:sqlite' {
  /** A database that answers at once. */
  export class DatabaseSync {
    constructor(path: string, options?: { readonly timeout?: number });
    prepare(sql: string): { all(...values: readonly (string | number | null)[]): Readonly<Record<string, unknown>>[] };
    close(): void;
  }
}
