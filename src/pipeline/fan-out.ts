import type { QueueItem } from '../model/reading.js';
import type { Envelope } from './collect.js';
import type { Mailbox } from './mailbox.js';
import type { Queue } from './queue.js';
import type { SinkKind } from './sink.js';

/**
 * The sinks that one environment asked for, under one of its `[sinks.<name>]`. Makes a sink, with its mailbox and its task, for each device or
 * one for all, when the first item for it comes. A `process` sink is the same outlet in each environment that asks for it.
 */
export interface Outlet {
  readonly scope: SinkKind['scope'];
  /** Makes the sink and starts to deliver to it. */
  connect(device: { readonly id: string; readonly name: string }): Inbox;
}

/** The side of a mailbox that items come in by. */
export type Inbox = Pick<Mailbox, 'offer' | 'close'>;

/**
 * Hands every item of the queue to the mailboxes of its environment's sinks, without ever waiting for one. Ends, and closes the mailboxes, when the
 * queue is closed and empty, or at the deadline.
 */
export async function fanOut(
  queue: Queue<Envelope>,
  outlets: ReadonlyMap<string, readonly Outlet[]>,
  deadline: AbortSignal,
): Promise<void> {
  const mailboxes = new Map<Outlet, Map<string, Inbox>>();
  try {
    for (;;) {
      const envelope = await queue.take(deadline);
      if (!envelope) return;
      for (const outlet of outlets.get(envelope.environment) ?? []) mailboxOf(outlet, envelope.item)?.offer(envelope.item);
    }
  } finally {
    for (const ofOutlet of mailboxes.values()) for (const mailbox of ofOutlet.values()) mailbox.close();
  }

  function mailboxOf(outlet: Outlet, item: QueueItem): Inbox | undefined {
    const ofOutlet = mailboxes.get(outlet) ?? new Map<string, Inbox>();
    mailboxes.set(outlet, ofOutlet);
    const id = typeof item.device === 'string' ? item.device : item.device.id;
    const key = outlet.scope === 'device' ? id : '';
    // A fault names its device only: a device is known by the health that comes before all else.
    if (!ofOutlet.has(key) && typeof item.device !== 'string') ofOutlet.set(key, outlet.connect(item.device));
    return ofOutlet.get(key);
  }
}
