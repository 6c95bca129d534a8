import type { Fault, Reading } from '../../src/model/reading.js';
import type { Client } from '../../src/pipeline/client.js';
import { collect, type Envelope } from '../../src/pipeline/collect.js';
import { deliver } from '../../src/pipeline/deliver.js';
import { Deliveries } from '../../src/pipeline/figures.js';
import { fanOut, type Outlet } from '../../src/pipeline/fan-out.js';
import type { Mailbox } from '../../src/pipeline/mailbox.js';
import { Meter } from '../../src/pipeline/meter.js';
import { Queue } from '../../src/pipeline/queue.js';
import type { Sink } from '../../src/pipeline/sink.js';
import { DEVICE } from './items.js';
import type { FakeClock } from './fake-clock.js';
import { RecordingLogger } from './logger.js';
import { MemoryState } from './state.js';

/** A sink with the mailbox that stands before it. */
export interface Branch {
  readonly sink: Sink;
  readonly mailbox: Mailbox;
}

/** A meter and its sinks, with all of the pipeline that is between them. */
export interface Line {
  readonly log: RecordingLogger;
  readonly queue: Queue<Envelope>;
  /** Ends the client, lets the sinks take what is left, and resolves when all of it is over. */
  stop(): Promise<void>;
}

/** Starts what a client yields towards some sinks. */
export function startLine(
  clock: FakeClock,
  { periodMs, readings }: { readonly periodMs: number; readonly readings: (stop: AbortSignal) => AsyncIterable<Reading | Fault> },
  branches: readonly Branch[],
): Line {
  const log = new RecordingLogger();
  const stop = new AbortController();
  const { signal: deadline } = new AbortController();
  const queue = new Queue<Envelope>(1_000);
  const client: Client = { periodMs, toleratedFaults: 2, readings };
  const meter = new Meter({ device: DEVICE, fingerprint: '', toleratedFaults: 2, clock, log, state: new MemoryState() });
  const deliveries: Promise<void>[] = [];
  const outlets = branches.map(({ sink, mailbox }): Outlet => ({
    scope: 'device',
    connect: () => {
      deliveries.push(deliver({ sink, mailbox, clock, log, random: () => 1, deliveries: new Deliveries() }, deadline));
      return mailbox;
    },
  }));
  const fanning = fanOut(queue, new Map([['test', outlets]]), deadline);
  const collecting = collect({ environment: 'test', client, meter, queue, clock, log, random: () => 1 }, stop.signal);
  return {
    log,
    queue,
    stop: async () => {
      stop.abort();
      await collecting;
      queue.close();
      await fanning;
      await Promise.all(deliveries);
    },
  };
}
