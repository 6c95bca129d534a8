import { LinkError } from '../model/errors.js';
import { systemClock, unlessAborted } from '../pipeline/clock.js';
import { connect, type MessageHandler, type MqttSettings } from '../transports/mqtt.js';
import { wait } from '../transports/wait.js';

const RETRY_MS = 2_000;
const KEEPALIVE_SECONDS = 60;

/** What is followed on a broker, and who hears of it. */
export interface Following {
  readonly settings: MqttSettings;
  /** A topic filter. */
  readonly filter: string;
  readonly hear: MessageHandler;
  /** Called when the broker cannot be heard, once for each try. What it throws ends the following. @param never whether it could not be heard before either */
  readonly lost: (error: LinkError, never: boolean) => void;
}

/** Hears what is published on a broker until `stop` aborts, also over losses of the connection. */
export async function follow({ settings, filter, hear, lost }: Following, stop: AbortSignal): Promise<void> {
  const clientId = `smart-meter-watch-${Math.random().toString(36).slice(2, 12)}`;
  const options = { settings, clientId, keepaliveSeconds: KEEPALIVE_SECONDS, clock: systemClock, lost: () => undefined };
  for (let never = true; !stop.aborted;) {
    try {
      const connection = await connect(options, stop);
      try {
        if (!(await connection.subscribe(filter, hear, stop)))
          throw new LinkError(`the broker at ${settings.url} does not let us read ${filter}`);
        never = false;
        await wait(stop, (wake) => {
          connection.closed.addEventListener('abort', wake, { once: true });
        });
        if (!stop.aborted) throw connection.closed.reason;
      } finally {
        await connection.end(AbortSignal.timeout(RETRY_MS));
      }
    } catch (error) {
      if (stop.aborted) return;
      if (!(error instanceof LinkError)) throw error;
      lost(error, never);
      await unlessAborted(stop, systemClock.sleep(RETRY_MS, stop));
    }
  }
}
