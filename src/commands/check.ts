import { devNull } from 'node:os';
import { prepare } from '../app.js';
import { CLIENTS } from '../clients/index.js';
import type { Logger } from '../model/ports.js';
import type { EnvironmentSettings } from '../settings/load-settings.js';
import { SINKS } from '../sinks/index.js';
import { EXIT, UsageError, type CommandContext } from './command.js';
import { appOptions, settingsOf } from './run.js';

/**
 * Validates the settings of environments and says what `run` would do with them. Connects to nothing and leaves the state alone.
 * Where this process may not read the secrets, it says so and checks the rest.
 * @param names the environments, as they would run together
 * @param directory the settings folder, where it was given
 * @returns the exit code
 * @throws ConfigError with every problem
 */
export async function checkCommand(
  names: readonly string[],
  directory: string | undefined,
  context: CommandContext,
): Promise<number> {
  if (names.length === 0) throw new UsageError('no environment given: name the one to check');
  const environments = await settingsOf(names, directory, context, 'excuse');
  // Without its secrets a component may take its settings for wrong: only `run` can tell.
  const complete = environments.filter(({ unreadable }) => unreadable.length === 0);
  const warnings: string[] = [];
  const log = (label: string): Logger => ({ ...SILENT, warn: (message) => warnings.push(`  ${label}: ${message}\n`) });
  // No state is in a folder that is none.
  await prepare(complete, { ...appOptions(context), log, stateDirectory: devNull });
  const described = environments.map(async (each) => describeEnvironment(each, await addressesOf(each)));
  context.stdout((await Promise.all(described)).join('\n'));
  if (warnings.length > 0) context.stdout(`\nwarnings:\n${warnings.join('')}`);
  return EXIT.ok;
}

/** Of what components log, only what they have against their settings matters where nothing runs. */
/** A log that nobody reads. */
export const SILENT: Logger = {
  debugs: false,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** What an environment would listen on, as addresses in a URL. */
async function addressesOf({ client, sinks }: EnvironmentSettings): Promise<readonly string[]> {
  const clientKind = await CLIENTS[client.type as keyof typeof CLIENTS]();
  const ofSinks = sinks.map(async ({ type, settings }) => (await SINKS[type as keyof typeof SINKS]()).listensOn?.(settings));
  const addresses = [clientKind.listensOn?.(client.settings), ...(await Promise.all(ofSinks))];
  return addresses.filter((address) => address !== undefined);
}

/**
 * What `run` would do with valid settings, in words: everything that is set, secrets by their names only.
 * @param addresses what it would listen on
 */
export function describeEnvironment(settings: EnvironmentSettings, addresses: readonly string[]): string {
  const { name, device, client, sinks, log, files, secrets, unreadable } = settings;
  const lines = [
    `${name}: the settings are valid`,
    `  reads a meter of type ${client.type}`,
    ...valuesBelow(settings, 'client.'),
    `  publishes it as ${device.id} (${device.name})`,
    ...sinks.flatMap((sink) => [
      `  to ${sink.name}${sink.type === sink.name ? '' : `, a sink of type ${sink.type}`}`,
      ...valuesBelow(settings, `sinks.${sink.name}.`),
    ]),
    `  listens on ${addresses.length === 0 ? 'nothing' : addresses.join(', ')}`,
    `  logs at level ${log.level}`,
    `  files read: ${files.join(', ')}`,
    `  secrets set: ${secrets.length === 0 ? 'none' : secrets.join(', ')}`,
    ...unreadable.map((file) => `  not checked: ${file}, which only its owner may read`),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** Said in a sentence already. */
const SAID = new Set(['type', 'enabled']);

function valuesBelow({ shown }: EnvironmentSettings, prefix: string): string[] {
  return [...shown].flatMap(([key, value]) => {
    const name = key.slice(prefix.length);
    return key.startsWith(prefix) && !SAID.has(name) ? [`      ${name} = ${value}`] : [];
  });
}
