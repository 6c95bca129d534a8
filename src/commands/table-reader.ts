import type { CsvCell } from '../codecs/csv.js';
import { propertyAt, type Device, type Node, type Nodes } from '../model/device.js';
import type { Reading, Values } from '../model/reading.js';
import { Column, subMeterKindOf } from './table-column.js';
import type { Layout, Part } from './table-layouts.js';

/** What a row gave. */
export interface RowResult {
  readonly readings: readonly (Reading & { readonly measuredAt: number })[];
  /** What of it could not be used, in words; the rest is in `readings`. */
  readonly problems: readonly string[];
}

/** What rows are read with. */
export interface TableOptions {
  readonly layout: Layout;
  /** The environment's device, with all that is known of it. */
  readonly device: Device;
  /** All that a meter of its kind can show. */
  readonly catalogue: Nodes;
  /** Nothing was measured later, milliseconds since 1970 UTC. */
  readonly latest: number;
}

/** A device id of Homie 4.0.0, "Topic IDs": what stands in a file must not become anything else. */
const ID = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;

/** Makes readings of the rows of a table. */
export class TableReader {
  readonly #options: TableOptions;
  readonly #parts: readonly (Pick<Part, 'timeOf' | 'timing'> & { readonly columns: readonly Column[] })[];
  /** Columns of which no cell can be used, each with the reason. */
  readonly unusable: readonly string[];
  readonly #devices = new Map<string, Device>();
  #settled = 0;
  /** Whose the first row was. */
  #whose: string | undefined;
  /** When that was measured which was told last, of each part with times of its own. */
  readonly #told = new Map<string, number>();

  constructor(options: TableOptions) {
    this.#options = options;
    const { layout, device, catalogue } = options;
    const all = layout.parts.map(({ columns, ...part }) => ({
      ...part,
      columns: columns.map((of) => new Column(of, propertyAt(device.nodes, of.path) ?? propertyAt(catalogue, of.path))),
    }));
    this.#parts = all.map((part) => ({ ...part, columns: part.columns.filter(({ problem }) => problem === undefined) }));
    const bad = all.flatMap(({ columns }) => columns.filter(({ problem }) => problem !== undefined));
    this.unusable = [
      ...layout.unknown.map((name) => `${name}: no node/property`),
      ...bad.map(({ of, problem = '' }) => `${of.path}: ${problem}`),
    ];
  }

  /** Reads a row. */
  read(cells: readonly CsvCell[]): RowResult {
    const { layout, device } = this.#options;
    const whose = layout.same === undefined ? undefined : (cells[layout.same]?.text ?? '');
    this.#whose ??= whose;
    if (whose !== this.#whose) return refused(`it is of "${whose}", and the rows before of "${this.#whose}"`);
    const id = layout.device === undefined ? device.id : (cells[layout.device]?.text ?? '');
    if (!ID.test(id)) return refused(`"${id}" is no device`);
    const problems: string[] = [];
    const readings = this.#parts.flatMap((part, index) => {
      const values = valuesOf(part.columns, cells, problems);
      if (Object.keys(values).length === 0) return [];
      const at = part.timeOf(cells);
      if (at === undefined || at > this.#options.latest) {
        problems.push(at === undefined ? 'it says no time' : `${new Date(at).toISOString()} is still to come`);
        return [];
      }
      const key = `${id} ${index}`;
      if (part.timing === 'own' && this.#told.get(key) === at) return [];
      if (part.timing === 'own') this.#told.set(key, at);
      const { timing } = part;
      return [
        {
          kind: 'reading' as const,
          device: this.#deviceOf(id),
          measuredAt: at,
          receivedAt: at,
          values,
          ...(timing && { timing }),
        },
      ];
    });
    if (readings.length === 0 && problems.length === 0) problems.push('it holds no value');
    return { readings, problems };
  }

  #deviceOf(id: string): Device {
    const columns = this.#parts.flatMap((part) => part.columns);
    const settled = columns.filter(({ property }) => property).length;
    // Its tree grows when it turns out what a column is of.
    if (settled !== this.#settled) this.#devices.clear();
    this.#settled = settled;
    const known = this.#devices.get(id);
    if (known) return known;
    const { device } = this.#options;
    const made = { ...(id === device.id ? device : { id, name: id }), nodes: this.#nodesOf(columns) };
    this.#devices.set(id, made);
    return made;
  }

  #nodesOf(columns: readonly Column[]): Nodes {
    const { device, catalogue } = this.#options;
    const nodes: Record<string, Node> = {};
    for (const { of, property } of columns) {
      const [id = '', name = ''] = of.path.split('/');
      const node = nodes[id] ?? device.nodes[id] ?? catalogue[id] ?? { name: subMeterKindOf(id)?.name ?? id, type: id };
      if (property) nodes[id] = { ...node, properties: { ...nodes[id]?.properties, [name]: property } };
    }
    return nodes;
  }
}

function refused(problem: string): RowResult {
  return { readings: [], problems: [problem] };
}

function valuesOf(columns: readonly Column[], cells: readonly CsvCell[], problems: string[]): Values {
  const values: Record<string, Values[string]> = {};
  for (const column of columns) {
    const cell = cells[column.of.index];
    const value = cell && column.read(cell);
    if (value === undefined) continue;
    if (typeof value === 'object') problems.push(`${column.of.path}: ${value.problem}`);
    else values[column.of.path] = value;
  }
  return values;
}
