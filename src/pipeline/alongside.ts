import { LinkError, stackOf } from '../model/errors.js';
import type { Clock, Logger } from '../model/ports.js';
import type { Client } from './client.js';
import { unlessAborted } from './clock.js';
import { Backoff, RECONNECT } from './retry.js';

/** What `Client.alongside` is run with. */
export interface AlongsideOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: () => number;
}

/**
 * Runs what a client does beside its readings until `stop` aborts, again with back-off whenever it fails; each new reason is said once. Never
 * throws: the readings go on, whatever happens here.
 */
export async function runAlongside({ client, clock, log, random }: AlongsideOptions, stop: AbortSignal): Promise<void> {
  const backoff = new Backoff(RECONNECT, random);
  let said: string | undefined;
  while (!stop.aborted) {
    const startedAt = clock.monotonic();
    try {
      await client.alongside?.(stop);
      return;
    } catch (error) {
      if (stop.aborted) return;
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== said) logFailure(log, error);
      said = reason;
    }
    await unlessAborted(stop, clock.sleep(backoff.next(clock.monotonic() - startedAt), stop));
  }
}

function logFailure(log: Logger, error: unknown): void {
  if (error instanceof LinkError) log.warn(`${error.message}; trying again until it works`);
  else log.error('what the client does beside reading crashed and is started again', { error: stackOf(error) });
}
