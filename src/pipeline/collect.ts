import { LinkError, stackOf } from '../model/errors.js';
import type { Clock, Logger } from '../model/ports.js';
import type { QueueItem } from '../model/reading.js';
import { runAlongside } from './alongside.js';
import type { Client } from './client.js';
import { scopeOf, unlessAborted } from './clock.js';
import type { Meter } from './meter.js';
import type { Work } from './pulse.js';
import type { Queue } from './queue.js';
import { Backoff, RECONNECT } from './retry.js';
import { SILENT_AFTER_PERIODS, Watchdog } from './watchdog.js';

/** After so many crashes in a row without a reading, a client is given up: it has a bug that trying again does not cure. */
const MAX_CRASHES = 5;

/** An item on its way, with the environment whose sinks it is for. */
export interface Envelope {
  readonly environment: string;
  readonly item: QueueItem;
}

/** What a client is run with. */
export interface CollectOptions {
  readonly environment: string;
  readonly client: Client;
  readonly meter: Meter;
  readonly queue: Queue<Envelope>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: () => number;
  /** Told while the client is to end, as it was silent for too long. */
  readonly ending?: Work;
}

/** How an attempt at reading a meter ended. */
type Outcome = 'finished' | 'silent' | LinkError | { readonly crash: unknown };

/**
 * Runs one client for ever: puts what it learns into the central queue, opens its link afresh with back-off when it is lost or the meter is
 * silent, and restarts it after a bug. Ends when `stop` aborts or the client has nothing more to say.
 * @throws whatever the client threw when it has crashed too often without a reading in between
 */
export async function collect(options: CollectOptions, stop: AbortSignal): Promise<void> {
  using scope = scopeOf(stop);
  const alongside = runAlongside(options, scope.signal);
  try {
    await keepReading(options, stop);
  } finally {
    scope.abort();
    await alongside;
  }
}

async function keepReading(options: CollectOptions, stop: AbortSignal): Promise<void> {
  const { meter, clock, log } = options;
  const backoff = new Backoff(RECONNECT, options.random);
  let crashes = 0;
  await put(options, [meter.start()], stop);
  while (!stop.aborted) {
    const openedAt = clock.monotonic();
    const attempt = await attemptReadings(options, stop);
    if (stop.aborted || attempt.outcome === 'finished') return;
    crashes = attempt.heard ? 0 : crashes;
    if (attempt.outcome !== 'silent') await put(options, reportOf(meter, attempt.outcome), stop);
    if (typeof attempt.outcome === 'object' && 'crash' in attempt.outcome) {
      crashes += 1;
      log.error('the client crashed', { error: stackOf(attempt.outcome.crash) });
      if (crashes >= MAX_CRASHES) throw attempt.outcome.crash;
    }
    await unlessAborted(stop, clock.sleep(backoff.next(clock.monotonic() - openedAt), stop));
  }
}

async function attemptReadings(options: CollectOptions, stop: AbortSignal): Promise<{ outcome: Outcome; heard: boolean }> {
  const { client, meter, clock, ending } = options;
  const silence = `nothing heard from the meter for ${(SILENT_AFTER_PERIODS * client.periodMs) / 1_000} s`;
  using scope = scopeOf(stop);
  const watchdog = new Watchdog(clock, client.periodMs);
  let heard = false;
  let silent = false;
  const watching = unlessAborted(
    scope.signal,
    watchdog.silence(scope.signal).then(() => {
      silent = true;
      ending?.begin();
      scope.abort();
      // Said at once, since a client may take its time to end.
      return put(options, meter.silent(silence), stop);
    }),
  );
  try {
    for await (const item of client.readings(scope.signal)) {
      watchdog.heard();
      heard ||= item.kind === 'reading';
      await put(options, meter.accept(item), stop);
      watchdog.heard();
    }
    return { outcome: silent ? 'silent' : 'finished', heard };
  } catch (error) {
    if (silent) return { outcome: 'silent', heard };
    return { outcome: error instanceof LinkError ? error : { crash: error }, heard };
  } finally {
    scope.abort();
    await watching;
    ending?.end();
  }
}

/** What the meter's health is after an attempt that ended by itself. */
function reportOf(meter: Meter, outcome: Exclude<Outcome, 'finished' | 'silent'>): QueueItem[] {
  if (outcome instanceof LinkError) return meter.linkLost(outcome.message);
  return meter.linkLost('an error in the program, see its log');
}

async function put({ queue, environment }: CollectOptions, items: readonly QueueItem[], stop: AbortSignal): Promise<void> {
  for (const item of items) await unlessAborted(stop, queue.put({ environment, item }, stop));
}
