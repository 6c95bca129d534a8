import { join } from 'node:path';
import type { Device } from '../model/device.js';
import { FileState } from '../pipeline/state.js';
import type { SinkContext, SinkKind } from '../pipeline/sink.js';
import type { EnvironmentSettings, SinkSettings } from '../settings/load-settings.js';
import { expectation, parseValue } from '../settings/formats.js';
import { SINKS } from '../sinks/index.js';
import { EXIT, Failure, UsageError, type CommandContext, type Options } from './command.js';
import { knownDevice } from './known-device.js';
import { text } from './options.js';
import { appOptions, settingsOf } from './run.js';

/** A sink of an environment that keeps readings, for a command that works beside the service. */
export interface Store {
  readonly environment: EnvironmentSettings;
  /** The meter as far as it is known, or as it could be. */
  readonly device: Device;
  readonly sink: SinkSettings;
  readonly kind: SinkKind;
  readonly context: SinkContext;
}

/** What a command wants of a store. */
type Use = 'read' | 'write';

/** What is wrong when an environment has no store for it. */
const NONE: Readonly<Record<Use, string>> = {
  read: 'has no sink that can be read back',
  write: 'has no sink that keeps readings',
};

/**
 * Finds the store that a command is for: the sink that is named, or the only one that will do.
 * @throws UsageError several would do and none is named, or the one that is named does not @throws Failure there is none
 */
export async function storeOf(
  environmentName: string,
  { sink: wanted, settings: directory }: { readonly sink?: string | undefined; readonly settings?: string | undefined },
  use: Use,
  context: CommandContext,
): Promise<Store> {
  const [environment] = await settingsOf([environmentName], directory, context);
  if (!environment) throw new UsageError(`there is no environment ${environmentName}`);
  const kinds = await Promise.all(
    environment.sinks.map(async (sink) => ({ sink, kind: await SINKS[sink.type as keyof typeof SINKS]() })),
  );
  const fit = kinds.filter(({ kind }) => (use === 'read' ? kind.reader !== undefined : kind.delivery === 'history'));
  const names = fit.map(({ sink }) => sink.name).join(', ');
  if (fit.length === 0) throw new Failure(EXIT.config, `${environmentName} ${NONE[use]}`);
  const found = wanted === undefined && fit.length === 1 ? fit[0] : fit.find(({ sink }) => sink.name === wanted);
  if (!found && wanted === undefined) throw new UsageError(`choose one of several with --sink: ${names}`);
  if (!found)
    throw new UsageError(
      `"${wanted}" ${kinds.some(({ sink }) => sink.name === wanted) ? 'will not do' : 'is no sink of it'}: there is ${names}`,
    );
  const { device } = await knownDevice(environment, context);
  return { environment, device, ...found, context: await contextOf(environment, found.sink, context) };
}

async function contextOf(
  { name, device, sinks: siblings, log: { level } }: EnvironmentSettings,
  sink: SinkSettings,
  context: CommandContext,
): Promise<SinkContext> {
  const { log: logFor, clock, random, stateDirectory, implementation, figures } = appOptions(context);
  const log = logFor(`${name} ${sink.name}`, level);
  // What it says is not kept: that is the service's.
  const state = await FileState.open(join(stateDirectory, `${name}.json`), clock, log);
  return { device: { id: device.id, name: device.name }, siblings, log, clock, random, state, implementation, figures };
}

/**
 * The time zone that dates are of: the one that `--zone` names, else the meter's where its settings say one, else the store's, else that of this machine.
 * @throws UsageError there is no such zone
 */
export function zoneOf({ zone }: Options, { environment, sink }: Pick<Store, 'environment' | 'sink'>): string {
  if (zone !== undefined && parseValue(ZONE, zone) === undefined)
    throw new UsageError(`--zone takes ${expectation(ZONE)}, not "${String(zone)}"`);
  const said = [environment.client.settings, sink.settings].map(
    (settings) => (settings as { readonly time_zone?: string }).time_zone,
  );
  return text(zone) ?? said.find((each) => each !== undefined) ?? new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

const ZONE = { doc: '', format: 'time-zone' } as const;
