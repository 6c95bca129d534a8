import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Problem } from '../model/errors.js';
import { didYouMean, nearestWord } from './nearest.js';
import { readSettingsFile, type SettingsFile } from './settings-file.js';
import { flatten, type Source, type Written } from './written.js';

/** Where the settings of an environment are looked for. */
export interface Places {
  /** The folder that `--settings` names. */
  readonly directory?: string | undefined;
  /** What relative folders are relative to. */
  readonly cwd: string;
  /** The process environment: `CREDENTIALS_DIRECTORY` of systemd. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What the files and credentials of one environment hold. */
export interface Layers {
  /** The settings file of the environment alone, as problems name it. */
  readonly environmentFile: string;
  /** Every value that was written; a later one takes the place of an earlier one. */
  readonly written: readonly Written[];
  /** What was read, as a person would look for it. */
  readonly files: readonly string[];
  /** Secrets files that this process has no right to read. */
  readonly unreadable: readonly string[];
  readonly problems: readonly Problem[];
}

const SYSTEM_FOLDER = '/etc/smart-meter-reader';

/** Reads default ⊕ environment ⊕ default secrets ⊕ environment secrets, all from the first folder that holds the environment. */
export async function readLayers(environment: string, places: Places): Promise<Layers> {
  const folders = [...(places.directory === undefined ? [] : [places.directory]), 'settings', SYSTEM_FOLDER];
  for (const folder of folders) {
    const file = await readSettingsFile(resolve(places.cwd, folder, `${environment}.toml`));
    if (file.kind !== 'absent') return readFolder(folder, environment, places, file);
  }
  return {
    environmentFile: join(folders[0] ?? '', `${environment}.toml`),
    written: [],
    files: [],
    unreadable: [],
    problems: [await unknownEnvironment(environment, folders, places)],
  };
}

/** The secrets file that belongs beside a settings file. */
export function secretsFileOf(settingsFile: string): string {
  return settingsFile.replace(/\.toml$/, '.secrets.toml');
}

async function readFolder(folder: string, environment: string, places: Places, file: SettingsFile): Promise<Layers> {
  const defaults = join(folder, 'default.toml');
  const environmentFile = join(folder, `${environment}.toml`);
  const read = async (path: string): Promise<SettingsFile> => readSettingsFile(resolve(places.cwd, path));
  const layers = [
    plainLayer(defaults, await read(defaults)),
    plainLayer(environmentFile, file),
    await readSecrets(secretsFileOf('default.toml')),
    await readSecrets(secretsFileOf(`${environment}.toml`)),
  ];
  return {
    environmentFile,
    written: layers.flatMap(({ written = [] }) => written),
    files: layers.flatMap(({ source, written }) => (written === undefined ? [] : [source.name])),
    unreadable: layers.flatMap(({ source, unreadable }) => (unreadable === true ? [source.name] : [])),
    problems: layers.flatMap(({ problem }) => problem ?? []),
  };

  /** A credential takes the place of the file of its name, which then need not even be readable. An empty one, as the unit sets it, too. */
  async function readSecrets(name: string): Promise<Layer> {
    const credentials = places.env['CREDENTIALS_DIRECTORY'];
    if (credentials !== undefined && credentials !== '') {
      const credential = await readSettingsFile(resolve(places.cwd, credentials, name));
      if (credential.kind !== 'absent') return credentialLayer(name, credential);
    }
    return secretsLayer(join(folder, name), await read(join(folder, name)));
  }
}

/** What one file or credential gave: its values, or why there are none; neither when it does not exist. */
interface Layer {
  readonly source: Source;
  readonly written?: readonly Written[];
  readonly unreadable?: true;
  readonly problem?: Problem;
}

function plainLayer(name: string, file: SettingsFile): Layer {
  const secrets = secretsFileOf(name);
  const refusesSecrets = `a secret has no place in this file: move it to ${secrets} and chmod 600 ${secrets}`;
  return layerOf({ name, text: false, hidden: false, refusesSecrets }, file);
}

function secretsLayer(name: string, file: SettingsFile): Layer {
  const source = { name, text: false, hidden: true };
  if (file.kind === 'forbidden') return { source, unreadable: true };
  if (file.kind !== 'read' || (file.mode & 0o044) === 0) return layerOf(source, file);
  const mode = file.mode.toString(8).padStart(4, '0');
  return layerOf({ ...source, refusesSecrets: `group or others can read this file (mode ${mode}): chmod 600 ${name}` }, file);
}

/** systemd guards its credentials itself and shows them with mode 0440 (since version 254), so their mode says nothing. */
function credentialLayer(name: string, file: SettingsFile): Layer {
  return layerOf({ name: `credential ${name}`, text: false, hidden: true }, file);
}

function layerOf(source: Source, file: SettingsFile): Layer {
  switch (file.kind) {
    case 'read':
      return { source, written: flatten(file.table, source) };
    case 'absent':
      return { source };
    case 'forbidden':
      return { source, problem: { source: source.name, key: '', message: 'cannot be read: permission denied' } };
    case 'broken':
      return { source, problem: { source: source.name, key: '', message: file.reason } };
  }
}

async function unknownEnvironment(environment: string, folders: readonly string[], places: Places): Promise<Problem> {
  const lists = await Promise.all(
    folders.map(async (folder) => ({ folder, names: await environmentsIn(resolve(places.cwd, folder)) })),
  );
  const found = lists.filter(({ names }) => names.length > 0);
  const near = nearestWord(
    environment,
    found.flatMap(({ names }) => names),
  );
  const known = found.map(({ folder, names }) => `; ${folder} holds ${names.join(', ')}`).join('');
  return {
    source: `environment ${environment}`,
    key: '',
    message: `no file ${environment}.toml in ${folders.join(' or ')}${known}${didYouMean(near)}`,
  };
}

/** The environments that a folder holds; none when it cannot be looked into. */
async function environmentsIn(folder: string): Promise<string[]> {
  const files = await readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error) return [];
    throw error;
  });
  return files
    .filter((file) => file.endsWith('.toml') && !file.endsWith('.secrets.toml') && file !== 'default.toml')
    .map((file) => file.slice(0, -'.toml'.length))
    .sort();
}
