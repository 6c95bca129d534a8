import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Device } from '../../src/model/device.js';
import type { Clock } from '../../src/model/ports.js';
import type { Values } from '../../src/model/reading.js';
import { systemClock } from '../../src/pipeline/clock.js';
import { CALL_TIMEOUT_MS, deliver } from '../../src/pipeline/deliver.js';
import { Deliveries, Ledger } from '../../src/pipeline/figures.js';
import type { HistoryRange, HistoryReader, StoredReading } from '../../src/pipeline/history.js';
import type { HistorySink, Recorded, SinkContext, SinkKind } from '../../src/pipeline/sink.js';
import { Spool } from '../../src/pipeline/spool/spool.js';
import { SpoolMailbox } from '../../src/pipeline/spool/spool-mailbox.js';
import { FakeClock } from './fake-clock.js';
import { DEVICE, reading } from './items.js';
import { RecordingLogger } from './logger.js';
import { spoolFolder, spoolOptions } from './spool.js';
import { MemoryState } from './state.js';

/** Noon, 15 January 2026, in UTC: where the fake clock begins. */
export const NOON = Date.UTC(2026, 0, 15, 12);

/** Everything that there is. */
export const ALL: HistoryRange = { from: -Infinity, to: Infinity };

const never = new AbortController().signal;

/** A folder that is removed with its scope. */
export function temporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'history-'));
  return {
    path,
    [Symbol.dispose]: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** What a history of the tests is given. */
export function sinkContext<C extends Clock>(clock: C) {
  const log = new RecordingLogger();
  const context: SinkContext = {
    device: DEVICE,
    siblings: [],
    log,
    clock,
    random: () => 0.5,
    state: new MemoryState(),
    implementation: 'test 1.0',
    figures: new Ledger(),
  };
  return { context, log, clock };
}

/** A history and its context. */
export function makeHistory(kind: SinkKind, settings: unknown, clock: Clock = new FakeClock()) {
  const made = sinkContext(clock);
  // What declares itself a history is one.
  return { ...made, sink: kind.create(settings, made.context) as HistorySink };
}

let sequence = 0;

/** A reading as a history gets it. */
export function recorded(values: Values, at = NOON, more: Partial<Recorded> & { readonly device?: Device } = {}): Recorded {
  return { ...reading(values), measuredAt: at, at, sequence: ++sequence, ...more };
}

/** Opens a history, has it write, and closes it. */
export async function writeTo(sink: HistorySink, ...batches: readonly (readonly Recorded[])[]): Promise<void> {
  try {
    await sink.open(never, () => undefined);
    for (const items of batches) await sink.write(items, never);
  } finally {
    await sink.close(never);
  }
}

/** What a store holds. */
export async function readAll(kind: SinkKind, settings: unknown, range = ALL): Promise<StoredReading[]> {
  return withReader(kind, settings, async (reader) => {
    const found: StoredReading[] = [];
    for await (const each of reader.readings(range, never)) found.push(each);
    return found;
  });
}

/** Opens a store to read it. */
export async function withReader<T>(kind: SinkKind, settings: unknown, use: (reader: HistoryReader) => Promise<T>): Promise<T> {
  // Another process may be writing: that is waited for in real time.
  const reader = await kind.reader?.(settings, sinkContext(systemClock).context, never);
  if (!reader) throw new Error('this store cannot be read');
  try {
    return await use(reader);
  } finally {
    await reader.close();
  }
}

/** The seconds of an hour. */
export const HOUR = 3_600;

/**
 * Has a meter speak every second for ten minutes while the store is up, for an hour while it is not, and for ten minutes again, all on a clock of the tests.
 * @param isUp called with false before the hour, with true after it
 * @returns when the store has taken everything: what the meter has said, by the time
 */
export async function outage(
  kind: SinkKind,
  settings: unknown,
  isUp: (up: boolean) => Promise<void>,
): Promise<Map<number, Values>> {
  using folder = spoolFolder();
  const { clock, ...options } = spoolOptions(folder);
  const { sink } = makeHistory(kind, settings, clock);
  const spool = Spool.open({ ...options, clock });
  const stop = new AbortController();
  const keeping = spool.keep(stop.signal);
  const mailbox = new SpoolMailbox({ spool, name: 'store', batch: { ...sink.batch, ms: 60_000 }, clock });
  const { log } = options;
  // The store is a real one, which takes its time.
  const patient: Clock = {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    sleep: (ms, signal) => (ms === CALL_TIMEOUT_MS ? systemClock : clock).sleep(ms, signal),
  };
  const delivery = deliver({ sink, mailbox, clock: patient, log, random: () => 1, deliveries: new Deliveries() }, never);
  const said = new Map<number, Values>();
  const speak = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second++) {
      const n = said.size;
      const at = NOON + n * 1_000;
      const values = { 'energy/imported-total': 1_000 + n, 'power/current-usage': n % 250 };
      said.set(at, values);
      spool.append({ ...reading(values), measuredAt: at, receivedAt: at });
      if (second % 10 !== 9) continue;
      await clock.advance(10_000);
      await pause(1);
    }
  };
  const taken = async (): Promise<void> => {
    let left = Infinity;
    for (let tries = 0; mailbox.length > 0; tries++) {
      if (tries > 6_000) throw new Error(`not everything was taken: ${mailbox.length} are left; ${JSON.stringify(log.lines)}`);
      await pause(10);
      if (tries % 20 !== 19) continue;
      // Only what waits needs the clock; what is under way would run out of time.
      if (mailbox.length === left) await clock.advance(60_000);
      left = mailbox.length;
    }
  };
  await speak(HOUR / 6);
  await taken();
  await isUp(false);
  await speak(HOUR);
  await isUp(true);
  await speak(HOUR / 6);
  await taken();
  mailbox.close();
  await delivery;
  stop.abort();
  await keeping;
  return said;
}
