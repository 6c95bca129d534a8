import { systemClock } from '../../src/pipeline/clock.js';
import type { Recorded, SinkKind } from '../../src/pipeline/sink.js';
import { makeHistory } from '../support/histories.js';
import { threePhaseMeter } from '../support/three-phase.js';
import { print, type Figure } from './figure.js';

/** How long a sink writes, and how many batches it has before that counts. */
const WRITING_S = 3;
const WARM_UP_BATCHES = 3;

const { signal: never } = new AbortController();

/** A store that is filled twice: by its sink, and by whatever loads it fastest. */
export interface FilledStore {
  /** The sink, and the store where it has several. */
  readonly name: string;
  readonly kind: SinkKind;
  readonly settings: unknown;
  /** How it is loaded in one run. */
  readonly loader: string;
  /**
   * Loads what the sink has written: so many readings.
   * @returns seconds that the loading alone took
   */
  readonly load: (readings: number) => Promise<number>;
}

/** Readings per second, by the sink and by the loader. */
export async function historyFigure({ name, kind, settings, loader, load }: FilledStore): Promise<Figure> {
  const { readings, perSecond, batch } = await write(kind, settings);
  const loaded = readings / (await load(readings));
  return {
    what: `${name}: sink, in batches of ${batch} · ${loader}`,
    measured: `${print(perSecond)} readings/s · ${print(loaded)} readings/s`,
  };
}

/** Readings of a meter with three phases, one a second, in batches without an end: the same ones each time. */
export function* batchesOf(size: number): Generator<readonly Recorded[], never> {
  const meter = threePhaseMeter(1);
  for (let from = 0; ; from += size)
    yield Array.from({ length: size }, (_, index) => {
      const reading = meter(from + index);
      return { ...reading, at: reading.measuredAt ?? reading.receivedAt, sequence: from + index + 1 };
    });
}

/** How long something takes: what a server does meanwhile counts as well. */
export async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1_000;
}

/** Has a sink write for a while what a spool would give to it. */
async function write(kind: SinkKind, settings: unknown) {
  const { sink } = makeHistory(kind, settings, systemClock);
  const { items: batch } = sink.batch;
  let seconds = 0;
  let batches = 0;
  try {
    await sink.open(never, () => undefined);
    for (const items of batchesOf(batch)) {
      const needed = await secondsOf(() => sink.write(items, never));
      if ((batches += 1) > WARM_UP_BATCHES) seconds += needed;
      if (seconds >= WRITING_S) break;
    }
  } finally {
    await sink.close(never);
  }
  return { batch, readings: batches * batch, perSecond: ((batches - WARM_UP_BATCHES) * batch) / seconds };
}
