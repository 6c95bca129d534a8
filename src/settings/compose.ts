import type { Problem } from '../model/errors.js';
import { LOG_LEVELS } from '../model/ports.js';
import { defineSettings, type Section, type Setting } from '../model/settings.js';
import { expectation, valueWritten } from './formats.js';
import { didYouMean, nearestWord } from './nearest.js';
import { isUserKey, type Part, type WrittenByKey } from './outline.js';
import { showKey, showValue } from './show.js';
import { keyOf, type Written } from './written.js';

/** Kinds of clients or sinks by the `type` that settings name them by; each is loaded when it is asked for. */
export type Registry = Readonly<Record<string, () => Promise<{ readonly settings: Section }>>>;

/** The components that settings can be written for. */
export interface Kinds {
  readonly clients: Registry;
  readonly sinks: Registry;
}

/** What every environment has beside its client and its sinks. */
export const COMMON = defineSettings({
  log: { level: { doc: 'The least important lines to log', format: LOG_LEVELS, default: 'info' } },
  device: {
    id: { doc: 'Under which id the meter is published', format: 'id' },
    name: { doc: 'What people call the meter; its id when absent', format: 'text', optional: true },
  },
  plausibility: {
    enabled: {
      doc: 'Whether totals that cannot be right are held back until further readings confirm them',
      format: 'boolean',
      default: true,
    },
    max_power_kw: {
      doc: 'What an energy total can grow by in an hour, in kWh or kvarh. The default is what three fuses of 100 A carry',
      format: 'integer',
      default: 69,
      min: 1,
      max: 1_000_000,
    },
    max_flow_m3_per_hour: {
      doc: 'What a volume can grow by in an hour, in m³. The default is the largest flow of a domestic heat meter',
      format: 'integer',
      default: 15,
      min: 1,
      max: 1_000_000,
    },
  },
  spool: {
    sync_interval: {
      doc: 'What a power cut may cost histories at the most, in time; the longer, the less a disk or card wears while a store is away',
      format: 'duration',
      default: '60s',
      min: 100,
    },
    max_megabytes: {
      doc: 'How much the readings that a history has not taken yet may occupy; beyond, the oldest are kept in coarser steps',
      format: 'integer',
      default: 64,
      min: 1,
      max: 1_000_000,
    },
    max_days: {
      doc: 'Readings that a history has not taken for so long are given up',
      format: 'integer',
      default: 365,
      min: 1,
      max: 36_500,
    },
  },
});

/** What every sink has beside its own keys and its `type`. */
export const SINK = defineSettings({
  enabled: { doc: 'Whether this sink is used', format: 'boolean', default: true },
  every: { doc: 'Hand over only the newest reading of each such interval', format: 'duration', optional: true, min: 1 },
});

/** A sink as far as it is known before validation. */
export interface NamedSink {
  readonly name: string;
  readonly type: string;
  readonly enabled: boolean;
}

/** The sections of one environment, composed of what its components declare. */
export interface Composition {
  readonly parts: readonly Part[];
  readonly sinks: readonly NamedSink[];
  readonly problems: readonly Problem[];
}

/** @param shared top-level sections that sinks may inherit from, such as `[mqtt]` */
export async function compose(kinds: Kinds, shared: Section, written: WrittenByKey): Promise<Composition> {
  const sinks = await Promise.all(sinkNames(written).map((name) => composeSink(kinds.sinks, name, written)));
  return {
    parts: [
      { path: [], section: COMMON },
      await composeClient(kinds.clients, written),
      { path: ['sinks'], section: {} },
      ...sinks.map(({ part }) => part),
      { path: [], section: shared, lenient: true },
    ],
    sinks: sinks.map(({ sink }) => sink),
    problems: sinks.flatMap(({ problem }) => problem ?? []),
  };
}

async function composeClient(clients: Registry, written: WrittenByKey): Promise<Part> {
  const kind = await load(clients, written.get('client.type')?.value);
  const type: Setting = { doc: 'Which kind of meter is read', format: Object.keys(clients) };
  return { path: ['client'], section: { type, ...kind?.settings }, open: kind === undefined };
}

/** The names of all `[sinks.<name>]`, in the order in which they were first written. Others stay unknown sections. */
function sinkNames(written: WrittenByKey): string[] {
  const names = [...written.values()].flatMap(({ path: [section, name = ''] }) => (section === 'sinks' ? [name] : []));
  return [...new Set(names)].filter(isUserKey);
}

async function composeSink(
  sinks: Registry,
  name: string,
  written: WrittenByKey,
): Promise<{ readonly part: Part; readonly sink: NamedSink; readonly problem?: Problem }> {
  const path = ['sinks', name];
  const type = written.get(keyOf([...path, 'type']));
  const enabled = written.get(keyOf([...path, 'enabled']));
  const typeName = type ? type.value : name;
  const kind = await load(sinks, typeName);
  const sink = {
    name,
    type: typeof typeName === 'string' ? typeName : '',
    enabled: !enabled || valueWritten(SINK.enabled, enabled) !== false,
  };
  const types = { doc: 'Which kind of sink this is; its name when absent', format: Object.keys(sinks) };
  const typeSetting: Setting = kind ? { ...types, default: sink.type } : { ...types, optional: true };
  const part = {
    path,
    section: { ...kind?.settings, ...SINK, type: typeSetting },
    lenient: !sink.enabled,
    open: kind === undefined,
  };
  if (kind || type || !sink.enabled) return { part, sink };
  return { part, sink, problem: unknownSink(name, types, written) };
}

function unknownSink(name: string, types: Setting & { readonly format: readonly string[] }, written: WrittenByKey): Problem {
  const isInside = ({ path }: Written): boolean => path[0] === 'sinks' && path[1] === name;
  const near = nearestWord(name, types.format);
  const hint = didYouMean(near && JSON.stringify(near));
  return {
    source: [...written.values()].find(isInside)?.source.name ?? '',
    key: showKey(['sinks', name]),
    message: `no kind of sink is called ${showValue(name, {})}: expected ${expectation(types)}, as its name or its type${hint}`,
  };
}

async function load(registry: Registry, type: unknown): Promise<{ readonly settings: Section } | undefined> {
  return typeof type === 'string' && Object.hasOwn(registry, type) ? registry[type]?.() : undefined;
}
