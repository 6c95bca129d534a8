import { join } from 'node:path';
import { fingerprintOf } from '../app.js';
import { CLIENTS } from '../clients/index.js';
import type { Device } from '../model/device.js';
import { Meter } from '../pipeline/meter.js';
import { FileState } from '../pipeline/state.js';
import type { EnvironmentSettings } from '../settings/load-settings.js';
import type { CommandContext } from './command.js';
import { appOptions } from './run.js';

/** What is known of the device of an environment. */
export interface KnownDevice {
  readonly device: Device;
  /** Whether the meter was heard: if not, the device is all that it could be. */
  readonly heard: boolean;
}

/** The device of an environment as its meter has shown it so far or, while it was never heard, with all that a meter of its kind can show. */
export async function knownDevice(
  settings: EnvironmentSettings,
  context: Pick<CommandContext, 'env' | 'implementation'>,
): Promise<KnownDevice> {
  const { clock, log: logFor, stateDirectory, implementation } = appOptions(context);
  const { name, client } = settings;
  const log = logFor(name, settings.log.level);
  const state = await FileState.open(join(stateDirectory, `${name}.json`), clock, log);
  const fingerprint = fingerprintOf(settings, implementation);
  const { device } = new Meter({ device: settings.device, fingerprint, toleratedFaults: 0, clock, log, state }).start();
  // A device that was never heard has the node of the pipeline alone.
  if (Object.keys(device.nodes).length > 1) return { device, heard: true };
  const { catalogue } = await CLIENTS[client.type as keyof typeof CLIENTS]();
  return { device: { ...device, nodes: { ...catalogue, ...device.nodes } }, heard: false };
}
