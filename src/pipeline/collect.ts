import { LinkEnded, LinkError, stackOf } from '../model/errors.js';
import type { Clock, Logger } from '../model/ports.js';
import type { QueueItem } from '../model/reading.js';
import { runAlongside } from './alongside.js';
import type { Client } from './client.js';
import { orAborted, scopeOf, unlessAborted, within } from './clock.js';
import type { Meter } from './meter.js';
import type { Work } from './pulse.js';
import type { Queue } from './queue.js';
import { Backoff, RECONNECT } from './retry.js';
import { SILENT_AFTER_PERIODS, Watchdog } from './watchdog.js';

/** After so many crashes in a row without a reading, a client is given up: it has a bug that trying again does not cure. */
const MAX_CRASHES = 5;

/** How long a client may take to end once its attempt is over; closing a link is a matter of moments. */
const ENDING_MS = 10_000;
/** How much of that it has when the program stops: the sinks still want to say good-bye. */
const STOPPING_MS = 1_000;

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

/** How an attempt at reading a meter ended. One that is `hung` has not: it was told to and does not. */
type Outcome = 'finished' | 'silent' | 'hung' | LinkError | { readonly crash: unknown };

interface Attempt {
  readonly outcome: Outcome;
  /** Whether there was a reading. */
  readonly heard: boolean;
  /** Resolves when the client has let go of its link; never rejects. */
  readonly ended: Promise<unknown>;
}

/**
 * Runs one client for ever: puts what it learns into the central queue, opens its link afresh with back-off when it is lost or the meter is
 * silent, and restarts it after a bug. One that hangs is called again only once it has ended, since it may still hold its link. Ends when
 * `stop` aborts or the client has nothing more to say.
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
    const { outcome, heard, ended } = await attemptReadings(options, stop);
    if (outcome === 'hung') log.error('the client was told to end and does not; it is started again when it has');
    if (stop.aborted || outcome === 'finished') return;
    if (outcome !== 'silent') await put(options, reportOf(meter, outcome), stop);
    const crashed = typeof outcome === 'object' && 'crash' in outcome;
    if (crashed) log.error('the client crashed', { error: stackOf(outcome.crash) });
    crashes = (heard ? 0 : crashes) + (crashed || outcome === 'hung' ? 1 : 0);
    if (crashes >= MAX_CRASHES) throw crashed ? outcome.crash : new Error('the client hangs, again and again');
    await orAborted(stop, ended);
    await unlessAborted(stop, clock.sleep(backoff.next(clock.monotonic() - openedAt), stop));
  }
}

async function attemptReadings(options: CollectOptions, stop: AbortSignal): Promise<Attempt> {
  const { client, meter, clock, ending } = options;
  const silence = `nothing heard from the meter for ${(SILENT_AFTER_PERIODS * client.periodMs) / 1_000} s`;
  using scope = scopeOf(stop);
  const watchdog = new Watchdog(clock, client.periodMs);
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
  const progress = { heard: false, over: false };
  const ended = readAll(options, watchdog, progress, { signal: scope.signal, stop }).finally(() => ending?.end());
  const read = await patiently(clock, ended, { told: scope.signal, stop });
  progress.over = true;
  scope.abort();
  await watching;
  return { outcome: read && silent ? 'silent' : (read ?? 'hung'), heard: progress.heard, ended };
}

/** Calls the client and puts what it yields; never rejects. What it yields once the attempt is over is not used. */
async function readAll(
  options: CollectOptions,
  watchdog: Watchdog,
  progress: { heard: boolean; readonly over: boolean },
  { signal, stop }: { readonly signal: AbortSignal; readonly stop: AbortSignal },
): Promise<Outcome> {
  const { client, meter, log } = options;
  try {
    for await (const item of client.readings(signal)) {
      if (progress.over) break;
      watchdog.heard();
      progress.heard ||= item.kind === 'reading';
      await put(options, meter.accept(item), stop);
      watchdog.heard();
    }
    return 'finished';
  } catch (error) {
    if (error instanceof LinkEnded) {
      log.info(error.message);
      return 'finished';
    }
    return error instanceof LinkError ? error : { crash: error };
  }
}

/** Awaits the end of a client: as long as it takes until it is told to end, and a bounded time from then on. @returns undefined when it hangs */
async function patiently<T>(
  clock: Clock,
  ended: Promise<T>,
  { told, stop }: { readonly told: AbortSignal; readonly stop: AbortSignal },
): Promise<T | undefined> {
  const never = new AbortController().signal;
  return (
    (await orAborted(told, ended)) ??
    (await within(clock, ENDING_MS - STOPPING_MS, stop, (limit) => orAborted(limit, ended))) ??
    (await within(clock, STOPPING_MS, never, (limit) => orAborted(limit, ended)))
  );
}

/** What the meter's health is after an attempt that ended by itself. */
function reportOf(meter: Meter, outcome: Exclude<Outcome, 'finished' | 'silent'>): QueueItem[] {
  if (outcome instanceof LinkError) return meter.linkLost(outcome.message);
  return meter.linkLost('an error in the program, see its log');
}

async function put({ queue, environment }: CollectOptions, items: readonly QueueItem[], stop: AbortSignal): Promise<void> {
  for (const item of items) await unlessAborted(stop, queue.put({ environment, item }, stop));
}
