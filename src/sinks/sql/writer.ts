import { pathsOf, propertyAt, type Device } from '../../model/device.js';
import type { Recorded } from '../../pipeline/sink.js';
import type { LocalTime } from '../local-time.js';
import { transaction, type Database, type Row, type Value } from './database.js';
import { markPending, QUARTER_MS, settle } from './summaries.js';

/** How many rows a statement inserts. */
const ROWS = 250;
/** The node that says how the meter is read rather than what it measures. */
const METER_NODE = 'meter/';

/** Writes readings into the tables of a database. */
export class SqlWriter {
  readonly #database: Database;
  readonly #time: LocalTime;
  /** The numbers of the properties of each device, as far as they were needed. */
  readonly #ids = new WeakMap<Device, Map<string, number>>();

  constructor(database: Database, time: LocalTime) {
    this.#database = database;
    this.#time = time;
  }

  /** Writes readings. Sums follow when their quarter of an hour is over. */
  async write(items: readonly Recorded[]): Promise<void> {
    if (items.length === 0) return;
    const database = this.#database;
    await transaction(database, async () => {
      const rows = await this.#rowsOf(items);
      for (let index = 0; index < rows.length; index += ROWS) await this.#insert(rows.slice(index, index + ROWS));
      await markPending(database, [...new Set(items.map(({ at }) => quarterOf(at)))]);
    });
    await settle(database, quarterOf(Math.max(...items.map(({ at }) => at))), this.#time);
  }

  /** Deletes readings from before a moment; their sums stay. */
  async forget(before: number): Promise<void> {
    await settle(this.#database, before, this.#time);
    await this.#database.run('DELETE FROM meter_reading WHERE at < ?', [quarterOf(before)]);
  }

  /** One row for each value; of two with the same key the one that came last. */
  async #rowsOf(items: readonly Recorded[]): Promise<readonly (readonly Value[])[]> {
    const rows = new Map<string, readonly Value[]>();
    for (const { device, at, values } of items)
      for (const [path, value] of Object.entries(values)) {
        if (path.startsWith(METER_NODE)) continue;
        const id = await this.#idOf(device, path, typeof value);
        const key = `${at} ${id}`;
        rows.set(key, typeof value === 'number' ? [at, id, value, null] : [at, id, null, textOf(String(value))]);
      }
    return [...rows.values()];
  }

  async #insert(rows: readonly (readonly Value[])[]): Promise<void> {
    const replacement = this.#database.dialect.replace({
      table: 'meter_reading',
      keys: ['at', 'property'],
      columns: ['number', 'text'],
    });
    const places = rows.map(() => '(?, ?, ?, ?)').join(', ');
    await this.#database.run(
      `INSERT INTO meter_reading (at, property, number, text) VALUES ${places} ${replacement}`,
      rows.flat(),
    );
  }

  async #idOf(device: Device, path: string, type: string): Promise<number> {
    const ofDevice = this.#ids.get(device) ?? new Map<string, number>();
    this.#ids.set(device, ofDevice);
    const id = ofDevice.get(path) ?? (await this.#register(device, path, type));
    ofDevice.set(path, id);
    return id;
  }

  /** A property that has another unit than before is another one: its numbers do not go together. */
  async #register(device: Device, path: string, type: string): Promise<number> {
    const database = this.#database;
    const property = propertyAt(device.nodes, path);
    const key = [textOf(device.id), textOf(path), property?.unit ?? ''];
    const find = (): Promise<readonly Row[]> =>
      database.run('SELECT id FROM meter_property WHERE device = ? AND path = ? AND unit = ?', key);
    const [known] = await find();
    if (known) return Number(known.id);
    const { name = path, quantity = 'text', kind = 'state', datatype = type } = property ?? {};
    const replacement = database.dialect.replace({ table: 'meter_property', keys: ['device', 'path', 'unit'], columns: [] });
    await database.run(
      `INSERT INTO meter_property (device, path, unit, name, quantity, kind, datatype, position) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ${replacement}`,
      [...key, textOf(name), quantity, kind, datatype, Math.max(0, pathsOf(device.nodes).indexOf(path))],
    );
    const [made] = await find();
    return Number(made?.id);
  }
}

function quarterOf(at: number): number {
  return Math.floor(at / QUARTER_MS) * QUARTER_MS;
}

/** PostgreSQL's texts hold no zero byte, and none of them may hold half a character. */
function textOf(text: string): string {
  return Buffer.from(text.replaceAll('\0', '\uFFFD')).toString();
}
