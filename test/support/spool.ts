import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Recorded } from '../../src/pipeline/sink.js';
import { Spool, type SpoolOptions } from '../../src/pipeline/spool/spool.js';
import { FakeClock } from './fake-clock.js';
import { RecordingLogger } from './logger.js';

/** A folder for spools that is removed with its scope. */
export interface SpoolFolder extends Disposable {
  readonly folder: string;
  readonly journalFolder: string;
}

/** Makes a folder for spools. */
export function spoolFolder(): SpoolFolder {
  const root = mkdtempSync(join(tmpdir(), 'spool-'));
  return {
    folder: join(root, 'disk'),
    journalFolder: join(root, 'run'),
    [Symbol.dispose]: () => {
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** What a spool of the tests is kept with, where a test does not say otherwise. */
export function spoolOptions({ folder, journalFolder }: SpoolFolder, options: Partial<Omit<SpoolOptions, 'clock' | 'log'>> = {}) {
  const clock = new FakeClock();
  const log = new RecordingLogger();
  const usual = { folder, journalFolder, sinks: ['store'], syncMs: 60_000, maxBytes: 2 ** 26, maxAgeMs: 365 * 86_400_000 };
  return { ...usual, clock, log, ...options };
}

/** Opens a spool and keeps it until `end` is called. */
export function runSpool(options: SpoolOptions) {
  const spool = Spool.open(options);
  const stop = new AbortController();
  const ended = spool.keep(stop.signal);
  const end = async (): Promise<void> => {
    stop.abort();
    await ended;
  };
  return { spool, end };
}

/** Everything in a spool after a sequence. */
export async function allOf(spool: Spool, after = 0): Promise<readonly Recorded[]> {
  return (await spool.reader().read(after, Infinity)).records;
}

/** The values `n` of readings. */
export function numbersOf(records: readonly Recorded[]): unknown[] {
  return records.map(({ values }) => values.n);
}
