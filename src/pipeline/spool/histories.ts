import { join } from 'node:path';
import type { Clock, Logger } from '../../model/ports.js';
import { deliver } from '../deliver.js';
import type { Inbox, Outlet } from '../fan-out.js';
import { Deliveries, type Ledger } from '../figures.js';
import type { HistorySink } from '../sink.js';
import { SpoolMailbox } from './spool-mailbox.js';
import { Spool } from './spool.js';

const MEBIBYTE = 2 ** 20;
const DAY_MS = 86_400_000;

/** The histories of one environment, and what their readings are kept with. */
export interface HistoriesOptions {
  readonly environment: string;
  readonly sinks: readonly History[];
  readonly stateDirectory: string;
  /** A folder in memory that outlives the process. */
  readonly runtimeDirectory?: string | undefined;
  readonly settings: { readonly sync_interval: number; readonly max_megabytes: number; readonly max_days: number };
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly figures: Ledger;
}

/** A history, by its name in the settings. */
export interface History {
  readonly name: string;
  readonly sink: HistorySink;
  readonly log: Logger;
  /** Hand over only the first reading of each such interval. */
  readonly everyMs?: number | undefined;
}

/** Histories that wait for their first item, and the spool that is to be kept for them. */
export interface OpenHistories {
  readonly spool: Spool;
  readonly outlet: Outlet;
}

/**
 * Opens the spool of an environment's histories.
 * @param started told of each delivery, which begins with the first item and ends with the outlet's closing or at the deadline
 */
export function openHistories(
  options: HistoriesOptions,
  started: (delivery: Promise<void>) => void,
  deadline: AbortSignal,
): OpenHistories {
  const spool = openSpool(options);
  return { spool, outlet: { scope: 'environment', connect } };

  function connect(): Inbox {
    const mailboxes = options.sinks.map((history) => {
      const mailbox = new SpoolMailbox({ ...history, spool, batch: history.sink.batch, clock: options.clock });
      started(serve(options, history, mailbox, deadline));
      return mailbox;
    });
    return {
      offer: (item) => {
        if (item.kind === 'reading') spool.append(item);
      },
      close: () => {
        for (const mailbox of mailboxes) mailbox.close();
      },
    };
  }
}

function openSpool({ environment, sinks, stateDirectory, runtimeDirectory, settings, clock, log }: HistoriesOptions): Spool {
  const folder = join(stateDirectory, `${environment}.spool`);
  return Spool.open({
    folder,
    journalFolder: runtimeDirectory === undefined ? join(folder, 'journal') : join(runtimeDirectory, `${environment}.spool`),
    sinks: sinks.map(({ name }) => name),
    clock,
    log,
    syncMs: settings.sync_interval,
    maxBytes: settings.max_megabytes * MEBIBYTE,
    maxAgeMs: settings.max_days * DAY_MS,
  });
}

function serve(
  { environment, clock, random, figures }: HistoriesOptions,
  { name, sink, log }: History,
  mailbox: SpoolMailbox,
  deadline: AbortSignal,
): Promise<void> {
  const deliveries = new Deliveries();
  figures.enterSink({ environment, sink: name }, deliveries, mailbox);
  return deliver({ sink, mailbox, clock, log, random, deliveries }, deadline);
}
