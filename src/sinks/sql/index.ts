import type { LinkError } from '../../model/errors.js';
import type { Clock } from '../../model/ports.js';
import { isHostTime } from '../../pipeline/meter-clock.js';
import { defineHistory, type HistorySink, type Recorded, type SinkContext } from '../../pipeline/sink.js';
import { localTimeOf, type LocalTime } from '../local-time.js';
import type { Database } from './database.js';
import { openMariadb } from './mariadb.js';
import { openPostgresql } from './postgresql.js';
import { SqlReader } from './reader.js';
import { migrate } from './schema.js';
import { judgeServer } from './servers.js';
import { SETTINGS, type DatabaseSettings, type SqlSettings } from './settings.js';
import { openSqlite, openSqliteToRead } from './sqlite.js';
import { SqlWriter } from './writer.js';

/** What a write takes at the most. */
const BATCH_ITEMS = 500;
const DAY_MS = 86_400_000;

/** Readings as rows of a database. */
export default defineHistory({
  settings: SETTINGS,
  create: (settings, context) => {
    judge(settings, context);
    return new SqlSink(settings, context);
  },
  reader: async (settings, context, signal) => {
    judge(settings, context);
    const timeZone = timeZoneOf(settings);
    const database = await openDatabase(settings.database, 'read', context.clock, signal, () => undefined);
    return new SqlReader(database, timeZone, localTimeOf(timeZone));
  },
});

/** @throws ConfigError the server's certificate could not be verified */
function judge({ database }: SqlSettings, { log }: Pick<SinkContext, 'log'>): void {
  if (database.type !== 'sqlite') judgeServer(database, log);
}

function timeZoneOf({ time_zone: timeZone }: SqlSettings): string {
  return timeZone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function openDatabase(
  settings: DatabaseSettings,
  how: 'write' | 'read',
  clock: Clock,
  signal: AbortSignal,
  lost: (error: LinkError) => void,
): Promise<Database> {
  switch (settings.type) {
    case 'sqlite':
      return how === 'write' ? openSqlite(settings.path, clock) : openSqliteToRead(settings.path, clock);
    case 'postgresql':
      return openPostgresql(settings, signal, lost);
    case 'mariadb':
      return openMariadb(settings, signal, lost);
    default:
      return settings satisfies never;
  }
}

class SqlSink implements HistorySink {
  readonly batch;
  readonly #settings: SqlSettings;
  readonly #context: SinkContext;
  readonly #timeZone: string;
  readonly #time: LocalTime;
  #open: { readonly database: Database; readonly writer: SqlWriter } | undefined;
  /** When old readings were last deleted. */
  #forgotAt = -Infinity;

  constructor(settings: SqlSettings, context: SinkContext) {
    this.batch = { items: BATCH_ITEMS, ms: settings.write_interval };
    this.#settings = settings;
    this.#context = context;
    this.#timeZone = timeZoneOf(settings);
    this.#time = localTimeOf(this.#timeZone);
  }

  async open(deadline: AbortSignal, lost: (error: LinkError) => void): Promise<void> {
    const database = await openDatabase(this.#settings.database, 'write', this.#context.clock, deadline, lost);
    this.#open = { database, writer: new SqlWriter(database, this.#time) };
    await migrate(database, this.#timeZone);
  }

  async write(items: readonly Recorded[]): Promise<void> {
    if (!this.#open) throw new Error('write before open');
    const { writer } = this.#open;
    await writer.write(items);
    await this.#forget(writer);
  }

  async close(): Promise<void> {
    const { database } = this.#open ?? {};
    this.#open = undefined;
    await database?.close();
  }

  async #forget(writer: SqlWriter): Promise<void> {
    const { keep_days: days } = this.#settings;
    const { clock } = this.#context;
    const now = clock.now();
    if (days === undefined || !isHostTime(now) || clock.monotonic() - this.#forgotAt < DAY_MS / 24) return;
    this.#forgotAt = clock.monotonic();
    await writer.forget(now - days * DAY_MS);
  }
}
