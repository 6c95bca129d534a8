import { ConfigError } from '../../src/model/errors.js';
import type { SinkKind } from '../../src/pipeline/sink.js';
import { SINKS } from '../../src/sinks/index.js';
import { makeHistory } from './histories.js';
import { folderOf, loadOne } from './settings.js';

/** A kind of sink, and its settings as its sections of a settings file and of a secrets file make them. */
export interface SinkAndSettings {
  readonly kind: SinkKind;
  readonly settings: unknown;
}

/**
 * Reads the settings of a sink as the program would.
 * @param toml what stands in its section @param secrets what stands in its section of a secrets file
 * @throws ConfigError
 */
export async function sinkOf(type: keyof typeof SINKS, toml: string, secrets = ''): Promise<SinkAndSettings> {
  const root = folderOf(undefined, {
    'settings/house.toml': `device.id = "house"\nclient.type = "dummy"\n[sinks.${type}]\n${toml}`,
    'settings/house.secrets.toml': `[sinks.${type}]\n${secrets}`,
  });
  const kind: SinkKind = await SINKS[type]();
  const kinds = { clients: { dummy: async () => ({ settings: {} }) }, sinks: { [type]: async () => kind } };
  const { sinks } = await loadOne(root, 'house', { kinds, shared: {} });
  return { kind, settings: sinks[0]?.settings };
}

/** Makes a history of its section of a settings file and that of a secrets file. @throws ConfigError */
export async function historyOf(type: keyof typeof SINKS, toml: string, secrets = '') {
  const { kind, settings } = await sinkOf(type, toml, secrets);
  return makeHistory(kind, settings);
}

/** What is wrong with the settings of a history, as `key: message`; none when nothing is. */
export async function problemsOf(type: keyof typeof SINKS, toml: string, secrets = ''): Promise<string[]> {
  try {
    await historyOf(type, toml, secrets);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ key, message }) => `${key}: ${message}`);
  }
}
