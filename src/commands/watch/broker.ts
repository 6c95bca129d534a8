import type { Values } from '../../model/reading.js';
import type { HomieSettings } from '../../sinks/homie-settings.js';
import { deviceTopic } from '../../sinks/homie-topics.js';
import { follow } from '../follow.js';

/** What of a device on a broker is told. */
export interface DeviceEvents {
  /** A property has a value. @param stored whether the broker had it before we asked */
  value(path: string, value: Values[string], stored: boolean): void;
  unit(path: string, unit: string): void;
  /** `$state`, or why the broker cannot be heard. */
  state(state: string, detail: string): void;
}

/** Homie 4.0.0, "Payload": what a number looks like. */
const NUMBER = /^-?\d+(?:\.\d+)?$/;

/** Texts that look like numbers. */
const TEXTS: ReadonlySet<string> = new Set(['meter/serial-number', 'meter/status', 'meter/model', 'meter/manufacturer']);

/**
 * Follows a Homie device on a broker until `stop` aborts, also over losses of the connection.
 * @throws LinkError the first connection cannot be made
 */
export function followDevice(
  { root, mqtt: settings }: HomieSettings,
  device: string,
  events: DeviceEvents,
  stop: AbortSignal,
): Promise<void> {
  const base = `${deviceTopic(root, device)}/`;
  return follow(
    {
      settings,
      filter: `${base}#`,
      hear: (topic, payload, stored) => {
        tell(topic.slice(base.length), payload.toString(), stored, events);
      },
      lost: (error, never) => {
        if (never) throw error;
        events.state('broker lost', error.message);
      },
    },
    stop,
  );
}

function tell(path: string, payload: string, stored: boolean, events: DeviceEvents): void {
  if (payload === '') return;
  if (path === '$state') events.state(payload, '');
  else if (path.endsWith('/$unit')) events.unit(path.slice(0, -'/$unit'.length), payload);
  else if (!path.includes('$')) events.value(path, NUMBER.test(payload) && !TEXTS.has(path) ? Number(payload) : payload, stored);
}
