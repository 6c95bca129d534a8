import { prepare, run, type AppOptions } from '../app.js';
import type { QueueItem } from '../model/reading.js';
import { Pulse } from '../pipeline/pulse.js';
import { systemClock } from '../pipeline/clock.js';
import type { EnvironmentSettings } from '../settings/load-settings.js';
import { withFolder } from './capture-file.js';
import { UsageError, type CommandContext } from './command.js';
import { settingsOf } from './run.js';

/** What of an environment a command changes for its own purpose. */
export interface Aside {
  /** In place of `[client.link]`. */
  readonly link: object;
  /** Its sinks as they are, or none. */
  readonly sinks: 'keep' | 'drop';
  readonly observe: (item: QueueItem) => void;
}

/**
 * The settings of the one environment that a command is for, which has a line to its meter.
 * @throws UsageError none or several are named, or its client has no line
 */
export async function environmentWithLine(
  names: readonly string[],
  directory: string | undefined,
  context: CommandContext,
  unreadableSecrets: 'refuse' | 'excuse' = 'refuse',
): Promise<EnvironmentSettings & { readonly link: object }> {
  const [settings, ...others] = names.length === 0 ? [] : await settingsOf(names, directory, context, unreadableSecrets);
  if (!settings || others.length > 0) throw new UsageError('name one environment');
  const { link } = settings.client.settings as { readonly link?: object };
  if (!link) throw new UsageError(`${settings.name} has no line to a meter: its client is of type ${settings.client.type}`);
  return { ...settings, link };
}

/** Runs an environment beside its service: with a state of its own that is forgotten, and without serving other readers. */
export async function runAside(
  settings: EnvironmentSettings,
  { link, sinks, observe }: Aside,
  options: AppOptions,
  { stop, deadline }: Pick<CommandContext, 'stop' | 'deadline'>,
): Promise<void> {
  await withFolder(async (stateDirectory) => {
    const own = { ...options, stateDirectory };
    const client = { ...(settings.client.settings as object), link, share_port: undefined };
    const environment = {
      ...settings,
      client: { ...settings.client, settings: client },
      sinks: sinks === 'keep' ? settings.sinks : [],
    };
    const supervisor = {
      pulse: new Pulse(systemClock),
      observe: (_: string, item: QueueItem) => {
        observe(item);
      },
    };
    await run(await prepare([environment], own), { ...own, supervisor }, stop, deadline);
  });
}

/** What to do when a line cannot be opened, which most often the service of the environment holds. */
export function isServiceRunning(name: string): string {
  return `Is the service running? systemctl stop smart-meter-reader@${name} frees the port.`;
}
