import { LinkError, RejectedError, stackOf } from '../model/errors.js';
import type { Clock, Logger } from '../model/ports.js';
import type { QueueItem } from '../model/reading.js';
import { reasonOf, scopeOf, unlessAborted, within } from './clock.js';
import type { Deliveries } from './figures.js';
import type { Outbox } from './mailbox.js';
import { Outages } from './outages.js';
import { Refusals } from './refusals.js';
import { Backoff, RECONNECT } from './retry.js';
import type { Sink } from './sink.js';

/** How long a sink may take to connect, or to write one batch, before its connection counts as lost. */
export const CALL_TIMEOUT_MS = 30_000;

/** What a sink is run with. */
export interface DeliverOptions {
  readonly sink: Sink;
  readonly mailbox: Outbox;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: () => number;
  /** Counts what becomes of the items. */
  readonly deliveries: Deliveries;
}

/**
 * Runs one sink for ever: opens it, writes what comes into its mailbox, and opens it afresh with back-off when its connection is lost. Ends when
 * the mailbox is closed and empty, when it is closed while the sink is away, or at the deadline.
 */
export async function deliver(options: DeliverOptions, deadline: AbortSignal): Promise<void> {
  const { mailbox, clock, log } = options;
  const backoff = new Backoff(RECONNECT, options.random);
  const outages = new Outages(clock, log);
  const refusals = new Refusals(clock, log);
  while (!deadline.aborted) {
    let openedAt: number | undefined;
    let served = false;
    const onOpen = (): void => {
      openedAt = clock.monotonic();
    };
    const onServed = (): void => {
      served = true;
      outages.over();
    };
    try {
      await deliverWhileOpen({ ...options, refusals }, { onOpen, onServed }, deadline);
      return;
    } catch (error) {
      if (deadline.aborted) break;
      const lastedMs = clock.monotonic() - (openedAt ?? clock.monotonic());
      outages.begun(error, served ? lastedMs : undefined);
      if (mailbox.closed.aborted) break;
      const retryAfterMs = error instanceof LinkError ? (error.retryAfterMs ?? 0) : 0;
      const pauseMs = Math.max(backoff.next(lastedMs), retryAfterMs);
      await unlessAborted(mailbox.closed, clock.sleep(pauseMs, mailbox.closed));
      if (mailbox.closed.aborted) break;
      options.deliveries.retries += 1;
    }
  }
  if (mailbox.length === 0) return;
  if (mailbox.durable) log.info('stopped; what is not delivered yet is kept for the next start', { items: mailbox.length });
  else log.warn('stopped before everything was delivered', { items: mailbox.length });
}

/** Told when a connection is made, and whenever all that waited has been taken by the sink: only then is one that was lost back. */
interface Progress {
  readonly onOpen: () => void;
  readonly onServed: () => void;
}

/** One connection, from `open` to `close`. Returns when the mailbox is closed and everything in it was written. */
async function deliverWhileOpen(
  { sink, mailbox, clock, log, deliveries, refusals }: DeliverOptions & { readonly refusals: Refusals },
  { onOpen, onServed }: Progress,
  deadline: AbortSignal,
): Promise<void> {
  using connection = scopeOf(deadline);
  const lost = (error: LinkError): void => {
    connection.abort(error);
  };
  const call = (what: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> =>
    limited(clock, what, connection.signal, work);
  try {
    await call('connect', (signal) => sink.open(signal, lost));
    onOpen();
    for (;;) {
      if (mailbox.length === 0) onServed();
      const items = await mailbox.take(connection.signal);
      if (!items) return;
      await write(items);
    }
  } finally {
    await limited(clock, 'close', deadline, (signal) => sink.close(signal)).catch((error: unknown) => {
      log.debug('closing failed', { error: stackOf(error) });
    });
  }

  async function write(items: readonly QueueItem[]): Promise<void> {
    try {
      await call('write', (signal) => sink.write(items, signal));
      deliveries.delivered += items.length;
    } catch (error) {
      const rest = error instanceof RejectedError ? items.filter((_, index) => !error.which.includes(index)) : items;
      mailbox.restore(rest);
      // A refusal of nothing would be repeated without an end.
      if (!(error instanceof RejectedError) || rest.length === items.length) throw error;
      deliveries.rejected += items.length - rest.length;
      refusals.add(items.length - rest.length, error.message);
    }
    mailbox.acknowledge();
  }
}

/** Gives a sink's call its time. @throws LinkError when the time ran out; the signal's reason when that aborted. */
async function limited(
  clock: Clock,
  what: string,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const done = await within(clock, CALL_TIMEOUT_MS, signal, async (limit) => {
    // In this order: what a call throws because of its signal is not the reason.
    await Promise.race([aborted(limit), work(limit)]);
    return true;
  });
  if (done === undefined) throw new LinkError(`no answer to "${what}" within ${CALL_TIMEOUT_MS / 1_000} s`);
}

/** Rejects when the signal aborts, so that a call which ignores its signal is not waited for. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const onAbort = (): void => {
      reject(reasonOf(signal));
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
