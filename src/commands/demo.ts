import { once } from 'node:events';
import { connect as connectTcp, createServer, type Server } from 'node:net';
import type { EnvironmentSettings } from '../settings/load-settings.js';
import type { HomieSettings } from '../sinks/homie-settings.js';
import { UsageError, type CommandContext } from './command.js';
import { follow } from './follow.js';
import { runEnvironments, settingsOf } from './run.js';

/** The environment that needs no meter. */
const ENVIRONMENT = 'dummy';

/**
 * Runs the environment `dummy` against the broker of its settings, bringing a broker along when none is listening on this machine, and shows what is
 * published as a subscriber sees it.
 * @returns the exit code
 */
export async function demoCommand(
  names: readonly string[],
  directory: string | undefined,
  context: CommandContext,
): Promise<number> {
  if (names.length > 0) throw new UsageError(`"demo" takes no environment: it runs "${ENVIRONMENT}"`);
  const settings = await settingsOf([ENVIRONMENT], directory, context);
  const homie = settings.flatMap(({ sinks }) =>
    sinks.filter(({ type }) => type === 'homie').map((sink) => sink.settings as HomieSettings),
  )[0];
  if (!homie) throw new UsageError(`"demo" shows what a Homie sink publishes, and ${ENVIRONMENT}.toml has none`);
  const broker = await bringBroker(homie.mqtt.url, context);
  const ended = new AbortController();
  const shown = show(homie, context, ended.signal);
  try {
    explain(settings, homie, context);
    return await runEnvironments(settings, context);
  } finally {
    ended.abort();
    await shown;
    broker?.close();
  }
}

/** Starts a broker on the address of `url` unless something is listening there, or it is another machine's. */
async function bringBroker(url: string, { stdout, stop }: CommandContext): Promise<Server | undefined> {
  const { hostname, port, protocol } = new URL(url);
  const address = { host: hostname, port: Number(port) || (protocol === 'mqtts:' ? 8883 : 1883) };
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(hostname) && protocol === 'mqtt:';
  if (!local || (await isListening(address))) {
    stdout(`Using the broker at ${url}.\n`);
    return undefined;
  }
  const { Aedes } = await import('aedes');
  const aedes = await Aedes.createBroker();
  // `localhost` is bound as such, so that clients which try ::1 first and those which try 127.0.0.1 find the same broker.
  const server = createServer((socket) => {
    aedes.handle(socket);
  }).listen({ ...address, host: address.host.replaceAll(/[[\]]/g, '') });
  await once(server, 'listening', { signal: stop });
  stdout(`No broker was listening at ${url}: started one there, for as long as this runs.\n`);
  return server;
}

async function isListening(address: { readonly host: string; readonly port: number }): Promise<boolean> {
  const socket = connectTcp(address);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    // Whatever the reason: nobody answers, so the place is free or the broker's own error will say more.
    return false;
  } finally {
    socket.destroy();
  }
}

function explain(
  [settings]: readonly EnvironmentSettings[],
  { root, mqtt: { url } }: HomieSettings,
  { stdout }: CommandContext,
): void {
  stdout(`Publishing the simulated meter "${settings?.device.name ?? ''}" as ${root}/${settings?.device.id ?? ''}. To look at it from elsewhere:
  mosquitto_sub -L ${url}/${root}/# -v
  or point openHAB's Homie add-on, or any Homie 4 controller, at this broker.
Stop with Ctrl-C. What a subscriber sees:

`);
}

/** Prints the devices' states and values as they come; the description around them is for programs. */
async function show({ root, mqtt: settings }: HomieSettings, { stdout }: CommandContext, stop: AbortSignal): Promise<void> {
  const hear = (topic: string, payload: Buffer): void => {
    if (!topic.includes('/$') || topic.endsWith('/$state')) stdout(`${topic} ${payload.toString()}\n`);
  };
  // What is wrong with a broker says who publishes there.
  await follow({ settings, filter: `${root}/#`, hear, lost: () => undefined }, stop);
}
