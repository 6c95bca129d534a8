import type { Fault, Reading } from '../../model/reading.js';
import type { Client, ClientContext } from '../../pipeline/client.js';
import type { Link } from '../../transports/link.js';
import { SILENT_AFTER_PERIODS } from '../../pipeline/watchdog.js';
import { Line } from './line.js';
import { POLL_DEADLINE_MS, Poller } from './poll.js';
import { longestQuietMs, type QuietHours } from './quiet-hours.js';
import { Schedule } from './schedule.js';

/** A meter on a battery lasts as long as its data sheet says when it is asked once an hour. Below this, the user is warned. */
const SPARING_MS = 15 * 60_000;
/** When a failed poll is tried again; the wait doubles from there, up to the interval. */
const FIRST_RETRY_MS = 60_000;

/** What the client is made of. */
export interface KamstrupOptions {
  readonly pollIntervalMs: number;
  readonly quietHours?: QuietHours | undefined;
  readonly context: ClientContext;
  /** @throws LinkError the link cannot be opened */
  readonly openLink: (signal: AbortSignal) => Promise<Link>;
}

/** A heat meter that is asked in intervals and by itself says nothing. */
export function createKamstrup(options: KamstrupOptions): Client {
  const { pollIntervalMs, quietHours, context } = options;
  if (pollIntervalMs < SPARING_MS) {
    context.log.warn('poll_interval is below 15m: a meter on a battery is drained early; for one on mains this does no harm');
  }
  const poller = new Poller(context);
  let schedule: Schedule | undefined;
  const quietPeriodMs = quietHours ? longestQuietMs(quietHours) / SILENT_AFTER_PERIODS : 0;
  return {
    // Silence is measured in this: a poll with all its retries may outlast a short interval, and in quiet hours silence is wanted.
    periodMs: Math.max(pollIntervalMs, POLL_DEADLINE_MS) + quietPeriodMs,
    toleratedFaults: 0,
    readings: (stop) => {
      schedule = new Schedule(context.clock, quietHours);
      return readings(options, poller, schedule, stop);
    },
    ask: (afterMs) => schedule?.hasten(afterMs),
  };
}

async function* readings(
  options: KamstrupOptions,
  poller: Poller,
  schedule: Schedule,
  stop: AbortSignal,
): AsyncGenerator<Reading | Fault> {
  const { pollIntervalMs, context, openLink } = options;
  const { clock, device } = context;
  let link: Link | undefined;
  try {
    link = await openLink(stop);
    const due = (signal: AbortSignal): Promise<void> => schedule.due(signal);
    const line = new Line(link, clock);
    poller.doubtIdentity();
    let failures = 0;
    if (schedule.quietMs > 0)
      context.log.info(`quiet hours: the meter is not asked for another ${Math.ceil(schedule.quietMs / 60_000)} minutes`);
    for (;;) {
      await line.rest(due, stop);
      const startedAt = clock.monotonic();
      const outcome = await poller.poll(line, stop);
      failures = outcome.kind === 'error' ? failures + 1 : 0;
      // From start to start; what was missed meanwhile is not made up for. Before the reading is handed over, whose taker may want the next one sooner.
      schedule.set(startedAt, waitAfter(failures, pollIntervalMs));
      yield outcome.kind === 'error' ? { ...outcome, kind: 'fault', device: device.id, at: clock.now() } : outcome;
    }
  } catch (error) {
    if (!stop.aborted) throw error;
  } finally {
    await link?.close();
  }
}

function waitAfter(failures: number, pollIntervalMs: number): number {
  return failures === 0 ? pollIntervalMs : Math.min(pollIntervalMs, FIRST_RETRY_MS * 2 ** (failures - 1));
}
