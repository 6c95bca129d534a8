import { propertyAt } from '../../model/device.js';
import type { QueueItem, Values } from '../../model/reading.js';
import { UNITS, type Unit, type UnitFamily } from '../../model/unit.js';

/** All that is shown of a meter at one moment. */
export interface View {
  /** Of its environment, and what people call it. */
  readonly title: string;
  /** Where it is seen: the line to the meter, or a broker. */
  readonly source: string;
  /** A word such as `ok`, `alert`, and what is wrong. */
  readonly state: string;
  readonly detail: string;
  /** What it says that it is. */
  readonly identity: string;
  readonly readings: number;
  readonly faults: number;
  /** Between the last readings. */
  readonly everyMs?: number;
  readonly rows: readonly Row[];
}

/** One property. */
export interface Row {
  /** `node/property`. */
  readonly path: string;
  readonly value: Values[string];
  readonly unit: string;
  /** How long ago it was heard; unknown where a broker had stored it. */
  readonly ageMs?: number;
  /** By how much what it counts grows in an hour. */
  readonly perHour?: number;
}

/** Units of what is counted: its growth is worth showing. */
const COUNTED: ReadonlySet<UnitFamily> = new Set<UnitFamily>(['Wh', 'J', 'cal', 'varh', 'VAh', 'm³']);

/** A rate over less than this is chance. */
const MIN_RATE_MS = 10_000;

/** Over how many readings their pace is measured. */
const PACE_READINGS = 10;

const HOUR_MS = 3_600_000;

interface Known {
  readonly value: Values[string];
  /** When it was heard, by the monotonic clock. */
  readonly heardAt?: number;
  /** The first that was heard, for the growth since. */
  readonly first?: { readonly value: number; readonly at: number };
}

/** Gathers what is heard of a meter, from wherever. Times are those of a monotonic clock, in milliseconds. */
export class Board {
  readonly #about: Pick<View, 'title' | 'source'>;
  readonly #known = new Map<string, Known>();
  readonly #units = new Map<string, string>();
  #state = 'waiting';
  #detail = '';
  #readingsAt: number[] = [];
  #counted = { readings: 0, faults: 0 };

  constructor(about: Pick<View, 'title' | 'source'>) {
    this.#about = about;
  }

  /** Whether anything that a meter measures is known. */
  get hasValues(): boolean {
    return [...this.#known.keys()].some((path) => !path.startsWith('meter/'));
  }

  /** Takes what the pipeline says. */
  observe(item: QueueItem, at: number): void {
    if (item.kind === 'fault') {
      this.#counted = { ...this.#counted, faults: this.#counted.faults + 1 };
      return;
    }
    if (item.kind === 'reading') {
      for (const path of Object.keys(item.values)) this.unit(path, propertyAt(item.device.nodes, path)?.unit ?? '');
      // What comes with its own time comes behind the reading that brought it.
      if (item.timing === undefined) {
        this.#paced(at);
        this.#counted = { ...this.#counted, readings: this.#counted.readings + 1 };
      }
    } else this.state(item.state, item.detail);
    for (const [path, value] of Object.entries(item.values)) this.#set(path, value, at);
  }

  /** Takes a value that somebody else has read. @param at when it was heard; undefined where nobody knows */
  value(path: string, value: Values[string], at?: number): void {
    if (path === 'meter/readings') this.#counted = { ...this.#counted, readings: Number(value) };
    if (path === 'meter/faults') this.#counted = { ...this.#counted, faults: Number(value) };
    if (path === 'meter/received-at' && at !== undefined && this.#known.get(path)?.value !== value) this.#paced(at);
    this.#set(path, value, at);
  }

  unit(path: string, unit: string): void {
    this.#units.set(path, unit);
  }

  state(state: string, detail: string): void {
    this.#state = state;
    this.#detail = detail;
  }

  /** What is known at a moment. The node `meter` is told in words, not in rows. */
  view(now: number): View {
    const every = this.#everyMs();
    const said = (path: string): string | undefined => this.#known.get(path)?.value.toString();
    const identity = [said('meter/manufacturer'), said('meter/model'), said('meter/serial-number')];
    return {
      ...this.#about,
      state: this.#state,
      detail: this.#detail,
      identity: identity.filter((part) => part !== undefined).join(', '),
      ...this.#counted,
      ...(every !== undefined && { everyMs: every }),
      rows: [...this.#known].filter(([path]) => !path.startsWith('meter/')).map(([path, known]) => this.#row(path, known, now)),
    };
  }

  #set(path: string, value: Values[string], at?: number): void {
    const first = this.#known.get(path)?.first ?? (typeof value === 'number' && at !== undefined ? { value, at } : undefined);
    this.#known.set(path, { value, ...(at !== undefined && { heardAt: at }), ...(first && { first }) });
  }

  #row(path: string, { value, heardAt, first }: Known, now: number): Row {
    const unit = this.#units.get(path) ?? '';
    const sinceMs = first && heardAt !== undefined ? heardAt - first.at : 0;
    const isCounted = Object.hasOwn(UNITS, unit) && COUNTED.has(UNITS[unit as Unit].family);
    return {
      path,
      value,
      unit,
      ...(heardAt !== undefined && { ageMs: now - heardAt }),
      ...(first && isCounted && sinceMs >= MIN_RATE_MS && { perHour: ((Number(value) - first.value) * HOUR_MS) / sinceMs }),
    };
  }

  #paced(at: number): void {
    if (this.#readingsAt.at(-1) === at) return;
    this.#readingsAt = [...this.#readingsAt, at].slice(-PACE_READINGS);
  }

  #everyMs(): number | undefined {
    const [first, ...others] = this.#readingsAt;
    const last = others.at(-1);
    return first === undefined || last === undefined ? undefined : (last - first) / others.length;
  }
}
