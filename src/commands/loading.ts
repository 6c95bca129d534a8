import { LinkError, RejectedError, stackOf } from '../model/errors.js';
import { scopeOf } from '../pipeline/clock.js';
import { deliver } from '../pipeline/deliver.js';
import { Deliveries } from '../pipeline/figures.js';
import type { Outbox } from '../pipeline/mailbox.js';
import type { HistorySink, Recorded, SinkContext } from '../pipeline/sink.js';

/** A reading on its way into a store, and where it stood. */
export interface Loaded extends Recorded {
  /** Such as `line 5`. */
  readonly where: string;
  /** That line, counted from 1, where it stood in one. */
  readonly line?: number;
}

/** How loading goes on. */
export interface LoadingReport {
  /** All up to and including `last` are safe in the store, as far as it takes them. */
  written(count: number, last: Loaded): void;
  /** The store will never take these. */
  rejected(items: readonly Loaded[], reason: string): void;
}

/** How long a store that was there may be away. */
const PATIENCE_MS = 600_000;

/**
 * Writes readings into a store as the service does: in its batches, again after it was away, without those that it refuses.
 * @throws LinkError the store cannot be reached at first, or was away for too long @throws whatever the source or the sink throws else
 */
export async function load(
  sink: HistorySink,
  items: AsyncIterator<Loaded>,
  report: LoadingReport,
  { clock, log, random }: Pick<SinkContext, 'clock' | 'log' | 'random'>,
  { stop, deadline }: { readonly stop: AbortSignal; readonly deadline: AbortSignal },
): Promise<void> {
  using scope = scopeOf(deadline);
  const given = new GivenUp((error) => {
    scope.abort(error);
  });
  const mailbox = new SourceOutbox(items, sink.batch.items, stop, given);
  let workedAt: number | undefined;
  const attempt = async (signal: AbortSignal, loaded: readonly Loaded[], work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (error instanceof RejectedError) {
        const refused = loaded.filter((_, index) => error.which.includes(index));
        report.rejected(refused, error.message);
        throw error;
      }
      // What a call throws because its time was over says nothing.
      const failure =
        signal.aborted && !(error instanceof LinkError) ? new LinkError('no answer in time', { cause: error }) : error;
      const isOver = workedAt === undefined || clock.monotonic() - workedAt > PATIENCE_MS;
      if (!(failure instanceof LinkError) || isOver) given.up(failure);
      throw error;
    }
  };
  const watched: HistorySink = {
    batch: sink.batch,
    open: async (signal, lost) => {
      await attempt(signal, [], () => sink.open(signal, lost));
      workedAt ??= clock.monotonic();
    },
    write: async (batch, signal) => {
      // What comes out of the mailbox is what went in.
      const loaded = batch as readonly Loaded[];
      await attempt(signal, loaded, () => sink.write(batch, signal));
      workedAt = clock.monotonic();
      const last = loaded.at(-1);
      if (last) report.written(loaded.length, last);
    },
    close: (signal) => sink.close(signal),
  };
  await deliver({ sink: watched, mailbox, clock, log, random, deliveries: new Deliveries() }, scope.signal);
  given.throwIfSo();
}

/** What ends everything, where something does. */
class GivenUp {
  readonly #end: (error: Error) => void;
  #reason: { readonly error: unknown } | undefined;

  constructor(end: (error: Error) => void) {
    this.#end = end;
  }

  /** Once everything that was read before is written. */
  later(error: unknown): void {
    this.#reason ??= { error };
  }

  /** At once. */
  up(error: unknown): void {
    this.later(error);
    this.#end(error instanceof Error ? error : new Error(stackOf(error)));
  }

  throwIfSo(): void {
    if (this.#reason) throw this.#reason.error;
  }
}

/** What a source yields, in batches; it is asked for more only when the store has taken what came before. */
class SourceOutbox implements Outbox {
  readonly durable = false;
  readonly closed: AbortSignal;
  readonly #items: AsyncIterator<Loaded>;
  readonly #batch: number;
  readonly #given: GivenUp;
  #restored: readonly Loaded[] = [];

  constructor(items: AsyncIterator<Loaded>, batch: number, closed: AbortSignal, given: GivenUp) {
    this.#items = items;
    this.#batch = batch;
    this.closed = closed;
    this.#given = given;
  }

  get length(): number {
    return this.#restored.length;
  }

  async take(): Promise<readonly Loaded[] | undefined> {
    const items = [...this.#restored];
    this.#restored = [];
    try {
      while (items.length < this.#batch && !this.closed.aborted) {
        const next = await this.#items.next();
        if (next.done === true) break;
        items.push(next.value);
      }
    } catch (error) {
      this.#given.later(error);
    }
    return items.length > 0 ? items : undefined;
  }

  restore(items: Parameters<Outbox['restore']>[0]): void {
    // What is restored was taken here.
    this.#restored = items as readonly Loaded[];
  }

  acknowledge(): void {
    // The source is not told.
  }
}
