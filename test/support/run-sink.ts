import { LinkError } from '../../src/model/errors.js';
import type { QueueItem } from '../../src/model/reading.js';
import { deliver } from '../../src/pipeline/deliver.js';
import { Deliveries } from '../../src/pipeline/figures.js';
import { everyMailbox } from '../../src/pipeline/mailbox.js';
import type { Sink } from '../../src/pipeline/sink.js';
import { FakeClock } from './fake-clock.js';
import { reading } from './items.js';
import { RecordingLogger } from './logger.js';

/** A reading that `runSink` notes as `n`. */
export function item(n: number): QueueItem {
  return reading({ n });
}

/** Delivers to a sink made of the given parts, and notes the calls that it gets. */
export function runSink(parts: Partial<Sink> = {}) {
  const clock = new FakeClock();
  const log = new RecordingLogger();
  const deadline = new AbortController();
  const mailbox = everyMailbox(clock, 100, 10);
  const calls: string[] = [];
  const note = (items: readonly QueueItem[]): string =>
    items.map((item) => (item.kind === 'reading' ? String(item.values.n) : item.kind)).join('+');
  let lose: (error: LinkError) => void = () => undefined;
  const sink: Sink = {
    async open(signal, lost) {
      calls.push('open');
      lose = lost;
      await parts.open?.(signal, lost);
    },
    async write(items, signal) {
      calls.push(`write ${note(items)}`);
      await parts.write?.(items, signal);
    },
    async close(signal) {
      calls.push('close');
      await parts.close?.(signal);
    },
  };
  const deliveries = new Deliveries();
  const ended = deliver({ sink, mailbox, clock, log, random: () => 1, deliveries }, deadline.signal);
  const lost = (message: string): void => {
    lose(new LinkError(message));
  };
  return { clock, log, deadline, mailbox, calls, deliveries, ended, lost };
}
