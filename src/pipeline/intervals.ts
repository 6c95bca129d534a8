import type { HistoryRange, StoredInterval, StoredReading, Summary } from './history.js';

/** An interval that an instant is in. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Numbers of one property in an interval that goes on. */
type Sum = { -readonly [K in keyof Omit<Summary, 'mean'>]: Summary[K] } & { sum: number };

interface Begun extends Span {
  readonly sums: Map<string, Sum>;
}

/**
 * Sums up readings, of each device in order of time, in the intervals that `spanOf` tells: for stores that keep none. Holds one interval of each device.
 * @param range intervals that begin in it are whole, as far as `readings` goes
 */
export async function* intervalsOf(
  readings: AsyncIterable<StoredReading>,
  spanOf: (at: number) => Span,
  { from, to }: Pick<HistoryRange, 'from' | 'to'> = { from: -Infinity, to: Infinity },
): AsyncGenerator<StoredInterval> {
  const open = new Map<string, Begun>();
  for await (const { device, at, values } of readings) {
    let begun = open.get(device);
    if (!begun || at < begun.from || at >= begun.to) {
      if (begun) yield* finish(device, begun);
      begun = { ...spanOf(at), sums: new Map() };
      open.set(device, begun);
    }
    if (begun.from < from || begun.from >= to) continue;
    for (const [path, value] of Object.entries(values)) if (typeof value === 'number') add(begun.sums, path, value);
  }
  for (const [device, begun] of open) yield* finish(device, begun);
}

function add(sums: Map<string, Sum>, path: string, value: number): void {
  const sum = sums.get(path);
  if (!sum) {
    sums.set(path, { count: 1, first: value, last: value, min: value, max: value, sum: value });
    return;
  }
  sum.count += 1;
  sum.last = value;
  sum.min = Math.min(sum.min, value);
  sum.max = Math.max(sum.max, value);
  sum.sum += value;
}

function* finish(device: string, { from, to, sums }: Begun): Generator<StoredInterval> {
  if (sums.size === 0) return;
  const values = Object.fromEntries([...sums].map(([path, { sum, ...rest }]) => [path, { ...rest, mean: sum / rest.count }]));
  yield { device, from, to, values };
}
