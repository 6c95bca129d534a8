import type { Clock, Logger } from '../model/ports.js';
import type { Client } from './client.js';

/** Every answer costs a meter's battery, so one is asked no more often than this, however often somebody wants to know. */
export const READ_NOW_GAP_MS = 10_000;

/** Makes what has one meter asked at once. It says what came of it, but not of each request of a flood. */
export function readNow(client: Pick<Client, 'ask'>, clock: Clock, log: Logger): () => void {
  let askedAt = -Infinity;
  let refused = false;
  return () => {
    if (clock.monotonic() - askedAt < READ_NOW_GAP_MS) {
      if (!refused) log.info(`not asked again: a meter is asked at most every ${READ_NOW_GAP_MS / 1_000} s`);
      refused = true;
      return;
    }
    askedAt = clock.monotonic();
    refused = false;
    log.info(client.ask ? 'asked for a reading now' : 'a reading now was asked for, but this meter sends when it wants to');
    client.ask?.(0);
  };
}
