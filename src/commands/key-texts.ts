import { CLIENTS } from '../clients/index.js';
import { ConfigError } from '../model/errors.js';
import type { WrittenKeys } from '../codecs/p1/check-keys.js';
import { readLayers } from '../settings/layers.js';
import { readVariables } from '../settings/variables.js';
import { keyOf } from '../settings/written.js';
import { askSecrets } from './ask.js';
import { UsageError, type CommandContext } from './command.js';

/** Keys as they are written, and where. */
export interface KeyTexts extends WrittenKeys {
  /** The file or variable that holds them; what was typed has none. */
  readonly source?: string;
}

/**
 * The keys of an environment as somebody wrote them, right or wrong: settings are not validated. What is nowhere is asked for.
 * @param name the environment; without one only environment variables of the process are looked at
 * @param asks whether keys are asked for even where they are set
 * @throws ConfigError the settings cannot be read
 * @throws Failure there is no encryption key, and nobody to ask
 */
export async function keyTexts(
  name: string | undefined,
  directory: string | undefined,
  context: CommandContext,
  asks = false,
): Promise<KeyTexts> {
  const { encryption, authentication, source } = asks ? {} : await writtenKeys(name, directory, context);
  if (encryption !== undefined && source !== undefined) return { encryption, authentication, source };
  const [typed = '', other = ''] = await askSecrets(
    ['encryption_key (GUEK)', 'authentication_key (GAK), empty for none'],
    context,
  );
  return { encryption: typed, ...(other !== '' && { authentication: other }) };
}

async function writtenKeys(name: string | undefined, directory: string | undefined, { cwd, env }: CommandContext) {
  const layers =
    name === undefined ? { written: [], problems: [], unreadable: [] } : await readLayers(name, { directory, cwd, env });
  if (layers.problems.length > 0) throw new ConfigError(layers.problems);
  if (layers.unreadable.length > 0)
    throw new ConfigError(layers.unreadable.map((source) => ({ source, key: '', message: 'cannot be read: run as its owner' })));
  const written = [...layers.written, ...readVariables(env, [])];
  const type = written.findLast(({ path }) => keyOf(path) === 'client.type')?.value;
  if (typeof type === 'string' && Object.hasOwn(CLIENTS, type) && !(await hasKeys(type as keyof typeof CLIENTS)))
    throw new UsageError(`a meter of type ${type} has no keys`);
  const of = (key: string) => written.findLast(({ path, value }) => keyOf(path) === `client.${key}` && value !== '');
  const text = (value: unknown): string | undefined =>
    typeof value === 'string' || value === undefined ? value : JSON.stringify(value);
  const encryption = of('encryption_key');
  return {
    encryption: text(encryption?.value),
    authentication: text(of('authentication_key')?.value),
    source: encryption?.source.name,
  };
}

async function hasKeys(type: keyof typeof CLIENTS): Promise<boolean> {
  const { settings } = await CLIENTS[type]();
  return 'encryption_key' in settings;
}
