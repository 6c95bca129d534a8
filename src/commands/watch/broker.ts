import { LinkError } from '../../model/errors.js';
import { systemClock, unlessAborted } from '../../pipeline/clock.js';
import type { HomieSettings } from '../../sinks/homie-settings.js';
import { deviceTopic } from '../../sinks/homie-topics.js';
import { connect } from '../../transports/mqtt.js';
import { wait } from '../../transports/wait.js';
import type { Values } from '../../model/reading.js';

/** What of a device on a broker is told. */
export interface DeviceEvents {
  /** A property has a value. @param stored whether the broker had it before we asked */
  value(path: string, value: Values[string], stored: boolean): void;
  unit(path: string, unit: string): void;
  /** `$state`, or why the broker cannot be heard. */
  state(state: string, detail: string): void;
}

const RETRY_MS = 2_000;
const KEEPALIVE_SECONDS = 60;

/** Homie 4.0.0, "Payload": what a number looks like. */
const NUMBER = /^-?\d+(?:\.\d+)?$/;

/** Texts that look like numbers. */
const TEXTS: ReadonlySet<string> = new Set(['meter/serial-number', 'meter/status', 'meter/model', 'meter/manufacturer']);

/**
 * Follows a Homie device on a broker until `stop` aborts, also over losses of the connection.
 * @throws LinkError the first connection cannot be made
 */
export async function followDevice(
  { root, mqtt: settings }: HomieSettings,
  device: string,
  events: DeviceEvents,
  stop: AbortSignal,
): Promise<void> {
  const base = `${deviceTopic(root, device)}/`;
  const clientId = `smart-meter-watch-${Math.random().toString(36).slice(2, 12)}`;
  const options = { settings, clientId, keepaliveSeconds: KEEPALIVE_SECONDS, clock: systemClock, lost: () => undefined };
  for (let first = true; !stop.aborted; first = false) {
    try {
      const connection = await connect(options, stop);
      try {
        const hear = (topic: string, payload: Buffer, stored: boolean): void => {
          tell(topic.slice(base.length), payload.toString(), stored, events);
        };
        if (!(await connection.subscribe(`${base}#`, hear, stop)))
          throw new LinkError(`the broker at ${settings.url} does not let us read ${base}#`);
        first = false;
        await wait(stop, (wake) => {
          connection.closed.addEventListener('abort', wake, { once: true });
        });
        if (!stop.aborted) throw connection.closed.reason;
      } finally {
        await connection.end(AbortSignal.timeout(RETRY_MS));
      }
    } catch (error) {
      if (stop.aborted) return;
      if (first || !(error instanceof LinkError)) throw error;
      events.state('broker lost', error.message);
      await unlessAborted(stop, systemClock.sleep(RETRY_MS, stop));
    }
  }
}

function tell(path: string, payload: string, stored: boolean, events: DeviceEvents): void {
  if (payload === '') return;
  if (path === '$state') events.state(payload, '');
  else if (path.endsWith('/$unit')) events.unit(path.slice(0, -'/$unit'.length), payload);
  else if (!path.includes('$')) events.value(path, NUMBER.test(payload) && !TEXTS.has(path) ? Number(payload) : payload, stored);
}
