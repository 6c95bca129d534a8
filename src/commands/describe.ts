import type { Device } from '../model/device.js';
import type { EnvironmentSettings } from '../settings/load-settings.js';
import { describe } from '../sinks/homie/describe.js';
import type { HomieSettings } from '../sinks/homie-settings.js';
import { propertyTopic } from '../sinks/homie-topics.js';
import { EXIT, Failure, UsageError, type CommandContext, type Options } from './command.js';
import { knownDevice, type KnownDevice } from './known-device.js';
import { openhabFiles } from './openhab.js';
import { text } from './options.js';
import { settingsOf } from './run.js';

/** What `describe --help` says. */
export const HELP = `Shows the device of an environment with all of its properties: as the meter has shown it so far or,
while it was never heard, all that a meter of its kind can show. Connects to nothing.

Usage:
  smart-meter-reader describe <environment> [--json | --homie | --openhab]

Options:
  --json      the device as JSON
  --homie     its description as the sink "homie" publishes it, one "topic payload" a line
  --openhab   a .things and an .items file for openHAB's Homie add-on

What the meter has shown is in the state, which a service keeps in a folder of its own:
  STATE_DIRECTORY=/var/lib/smart-meter-reader/<environment> smart-meter-reader describe <environment>
Exit codes: 0 done, 64 wrong usage, 78 wrong settings.
`;

/**
 * Shows the device of an environment.
 * @returns the exit code
 * @throws Failure it is asked for as Homie topics, and the environment publishes none
 */
export async function describeCommand(names: readonly string[], options: Options, context: CommandContext): Promise<number> {
  const [name, ...others] = names;
  const { json = false, homie = false, openhab = false } = options;
  if (name === undefined || others.length > 0) throw new UsageError('name one environment to describe');
  if ([json, homie, openhab].filter(Boolean).length > 1) throw new UsageError('choose one of --json, --homie and --openhab');
  const [settings] = await settingsOf([name], text(options.settings), context, 'excuse');
  if (!settings) throw new UsageError(`there is no environment ${name}`);
  const described = await knownDevice(settings, context);
  if (json) context.stdout(`${JSON.stringify(described, undefined, 2)}\n`);
  else if (homie) context.stdout(asTopics(described.device, homieOf(settings), context.implementation));
  else if (openhab) context.stdout(asOpenhab(described.device, homieOf(settings)));
  else context.stdout(inWords(described, settings));
  return EXIT.ok;
}

/** What an environment publishes by Homie. @throws Failure nothing */
export function homieOf({ name, sinks }: EnvironmentSettings): HomieSettings {
  const homie = sinks.find(({ type }) => type === 'homie');
  if (!homie) throw new Failure(EXIT.config, `${name} publishes no Homie topics: it has no [sinks.homie] that is enabled`);
  return homie.settings as HomieSettings;
}

function inWords({ device, heard }: KnownDevice, { client, sinks }: EnvironmentSettings): string {
  const root = sinks.flatMap(({ type, settings }) => (type === 'homie' ? [(settings as HomieSettings).root] : []))[0];
  const { id, name, manufacturer, model, serial } = device;
  const about = [manufacturer, model, serial && `serial number ${serial}`].filter((part) => part !== undefined);
  const rows = Object.entries(device.nodes).flatMap(([node, { properties }]) =>
    Object.entries(properties).map(([property, { name: title, datatype, unit = '', kind, diagnostic }]) => [
      root === undefined ? `${node}/${property}` : propertyTopic(root, id, `${node}/${property}`),
      title,
      datatype,
      unit,
      diagnostic ? `${kind}, diagnostic` : kind,
    ]),
  );
  const basis = heard ? 'as the meter has shown it so far' : `not heard yet: all that a meter of type ${client.type} can show`;
  return `${id}: ${name}\n${about.length > 0 ? `${about.join(', ')}\n` : ''}${basis}\n\n${table(rows)}`;
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  return rows.map((row) => `${line(row).trimEnd()}\n`).join('');
}

function asTopics(device: Device, { root }: HomieSettings, implementation: string): string {
  const messages = describe(device, implementation);
  return messages.map(({ subtopic, payload }) => `${propertyTopic(root, device.id, subtopic)} ${payload}\n`).join('');
}

function asOpenhab(device: Device, homie: HomieSettings): string {
  const { things, items } = openhabFiles(device, homie);
  return `// conf/things/${device.id}.things\n${things}\n// conf/items/${device.id}.items\n${items}`;
}
