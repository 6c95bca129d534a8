import { ConfigError, printProblem, type Problem } from '../model/errors.js';
import type { Section, SettingsOf } from '../model/settings.js';
import { compose, SINK, type COMMON, type Kinds, type NamedSink } from './compose.js';
import { expectation } from './formats.js';
import { readLayers, secretsFileOf, type Layers, type Places } from './layers.js';
import { misplaced } from './misplaced.js';
import { outlineOf, type Leaf, type Outline } from './outline.js';
import { showKey, showValue } from './show.js';
import { plant, type Tree } from './tree.js';
import { validate, type Validated } from './validate.js';
import { ambiguousVariables, readVariables } from './variables.js';
import { keyOf, type Written } from './written.js';

/** What settings are loaded from. */
export interface SettingsRequest extends Places {
  /** The environments, which are to run together. */
  readonly names: readonly string[];
  readonly kinds: Kinds;
  /** Top-level sections that sinks may inherit from, such as `[mqtt]`. */
  readonly shared: Section;
  /** Whether a secrets file that this process may not read is a problem, or merely said (`check`). */
  readonly unreadableSecrets?: 'refuse' | 'excuse';
}

type Common = SettingsOf<typeof COMMON>;

/** The valid settings of one environment. Components' settings are those that they declared, as `SettingsOf` types them. */
export interface EnvironmentSettings {
  readonly name: string;
  readonly log: Common['log'];
  readonly device: { readonly id: string; readonly name: string };
  readonly plausibility: Common['plausibility'];
  readonly spool: Common['spool'];
  readonly client: { readonly type: string; readonly settings: unknown };
  readonly sinks: readonly SinkSettings[];
  /** The files and credentials that were read. */
  readonly files: readonly string[];
  /** Secrets files that could not be read, so that secrets may be missing; only where that was excused. */
  readonly unreadable: readonly string[];
  /** Every value in effect but the secrets, as text for a person, by dotted key. */
  readonly shown: ReadonlyMap<string, string>;
  /** The keys of the secrets that are set. */
  readonly secrets: readonly string[];
}

/** The settings of one sink that is enabled. */
export interface SinkSettings {
  readonly name: string;
  readonly type: string;
  /** Hand over only the newest reading of each interval. */
  readonly everyMs?: number;
  readonly settings: unknown;
}

/**
 * Loads and validates the settings of environments that run together. Reads files and nothing else.
 * @throws ConfigError with every problem of all of them
 */
export async function loadSettings(request: SettingsRequest): Promise<readonly EnvironmentSettings[]> {
  const { names } = request;
  const distinct = [...new Set(names)];
  const loaded = await Promise.all(distinct.filter(isName).map((name) => load(name, request)));
  const problems = [
    ...distinct.flatMap((name) => nameProblem(name, names) ?? []),
    ...(distinct.length > 1 ? ambiguousVariables(request.env, distinct) : []),
    ...loaded.flatMap((each) => each.problems),
    ...sharedIds(loaded),
  ];
  // Environments that share a file share its problems.
  if (problems.length > 0) throw new ConfigError([...new Map(problems.map((each) => [printProblem(each), each])).values()]);
  return loaded.map(settled);
}

/** The settings of one environment with all that is wrong with them. */
interface Loaded extends Validated {
  readonly name: string;
  readonly layers: Layers;
  readonly outline: Outline;
  readonly sinks: readonly NamedSink[];
}

function isName(name: string): boolean {
  return name !== 'default' && /^[A-Za-z0-9_-]+$/.test(name);
}

function nameProblem(name: string, names: readonly string[]): Problem | undefined {
  const problem = (message: string): Problem => ({ source: `environment ${name}`, key: '', message });
  if (name === 'default') return problem('default.toml holds what all environments share: no environment can have this name');
  if (!isName(name)) return problem('expected a name of letters, digits, - and _');
  return names.filter((each) => each === name).length > 1 ? problem('named more than once') : undefined;
}

async function load(name: string, request: SettingsRequest): Promise<Loaded> {
  const layers = await readLayers(name, request);
  const written = [...layers.written, ...variables(layers, request)];
  const byKey = new Map(written.map((each) => [keyOf(each.path), each]));
  const { parts, sinks, problems: unknownSinks } = await compose(request.kinds, request.shared, byKey);
  const outline = outlineOf(parts, byKey);
  const found = [
    ...layers.problems,
    ...(request.unreadableSecrets === 'excuse' ? [] : layers.unreadable.map(unreadable)),
    ...misplaced(written, outline, { name, file: layers.environmentFile }),
    ...unknownSinks,
  ];
  const { values, problems } = validate(outline.leaves.values(), (leaf) => missing(leaf, layers, found));
  return { name, layers, outline, sinks, values, problems: [...found, ...problems, ...noSink(sinks, layers)] };
}

function variables({ written }: Layers, { names, env, kinds }: SettingsRequest): Written[] {
  if (names.length > 1) return [];
  const named = written.flatMap(({ path: [section, name = ''] }) => (section === 'sinks' ? [name] : []));
  return readVariables(env, [...named, ...Object.keys(kinds.sinks)]);
}

function unreadable(file: string): Problem {
  return {
    source: file,
    key: '',
    message: 'cannot be read: permission denied; run as its owner, or let systemd hand it over as a credential',
  };
}

/** A required key without a value, unless the value may stand in a file that could not be read or was answered as written wrongly. */
function missing({ path, inheritsFrom, setting }: Leaf, layers: Layers, found: readonly Problem[]): Problem | undefined {
  const key = showKey(inheritsFrom ?? path);
  const isSecret = setting.sensitive === true;
  if (layers.problems.length > 0 || (isSecret && layers.unreadable.length > 0)) return undefined;
  if (found.some((problem) => problem.key === key)) return undefined;
  const source = isSecret ? secretsFileOf(layers.environmentFile) : layers.environmentFile;
  return { source, key, message: `missing: expected ${expectation(setting)}` };
}

function noSink(sinks: readonly NamedSink[], layers: Layers): Problem[] {
  if (layers.problems.length > 0 || sinks.some(({ enabled }) => enabled)) return [];
  return [{ source: layers.environmentFile, key: 'sinks', message: 'none is enabled: expected a section such as [sinks.homie]' }];
}

/** Meters are told apart by their ids, also when each stands in a file of its own. */
function sharedIds(loaded: readonly Loaded[]): Problem[] {
  return loaded.flatMap(({ layers, values }, index) => {
    const id = values.get('device.id');
    const first = loaded.slice(0, index).find((other) => id !== undefined && other.values.get('device.id') === id);
    if (!first) return [];
    const message = `${showValue(id, {})} is the id of environment ${first.name} too: expected one of its own`;
    return [{ source: layers.environmentFile, key: 'device.id', message }];
  });
}

function settled({ name, layers, outline, sinks, values }: Loaded): EnvironmentSettings {
  // The outline holds these keys, and each has a value of its format.
  const { log, device, plausibility, spool } = below([]) as unknown as Common;
  const { type } = below(['client']) as { readonly type: string };
  return {
    name,
    log,
    device: { id: device.id, name: device.name ?? device.id },
    plausibility,
    spool,
    client: { type, settings: below(['client'], ['type']) },
    sinks: sinks.filter(({ enabled }) => enabled).map(settledSink),
    files: layers.files,
    unreadable: layers.unreadable,
    ...inWords(outline, values),
  };

  function settledSink(sink: NamedSink): SinkSettings {
    const { every } = below(['sinks', sink.name]) as SettingsOf<typeof SINK>;
    const settings = below(['sinks', sink.name], ['type', ...Object.keys(SINK)]);
    return { name: sink.name, type: sink.type, ...(every !== undefined && { everyMs: every }), settings };
  }

  function below(path: readonly string[], but: readonly string[] = []): Tree {
    const tree: Tree = {};
    for (const leaf of outline.leaves.values()) {
      const isInside = path.every((each, index) => each === leaf.path[index]);
      const rest = leaf.path.slice(path.length);
      if (isInside && !but.includes(rest[0] ?? '')) plant(tree, rest, values.get(keyOf(leaf.path)));
    }
    return tree;
  }
}

/** What is set, without the secrets, and which secrets are. */
function inWords({ leaves }: Outline, values: Validated['values']): Pick<EnvironmentSettings, 'shown' | 'secrets'> {
  const set = [...leaves].filter(([key]) => values.get(key) !== undefined);
  const shown = set.flatMap(([key, { setting, written }]): [string, string][] => {
    if (setting.sensitive === true) return [];
    return [[key, showValue(written ? written.value : setting.default, { source: written?.source })]];
  });
  const secrets = set.flatMap(([, { path, setting, written }]) =>
    setting.sensitive === true ? [showKey(written?.path ?? path)] : [],
  );
  return { shown: new Map(shown), secrets: [...new Set(secrets)] };
}
