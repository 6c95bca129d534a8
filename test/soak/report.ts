import { slopeOf, type Sample, type Slope } from './memory.js';
import type { SoakResult } from './soak.js';

/** Until the program has everything loaded and most of it optimized; in short runs, half of the time. */
const WARM_UP_MS = 15 * 60_000;

/** Over less time a slope is that of the start. */
const SHORTEST_MS = 5 * 60_000;

/** What the heap may grow by in an hour, beyond its noise, before that is called growth: caches and what the optimizer has learned go on settling for a while. */
const TOLERATED_BYTES = 200_000;

/** The result for a person. */
export function printResult({ accounts, samples, calmDescriptors, done, logLines }: SoakResult): string {
  const warm = afterWarmUp(samples);
  const chaos = [...done].map(([what, times]) => `${what} ${times}`).join(', ');
  return [
    `what was done: ${chaos}`,
    ...accounts.flatMap(({ id, lines }) => [id, ...lines.map((line) => `  ${line}`)]),
    `resident memory: ${printSlope(slope(warm, 'rss'), 'MB')}`,
    `heap after collection, without code: ${printSlope(slope(warm, 'heap'), 'MB')}`,
    `descriptors when all was well: ${range(calmDescriptors)}; at any time: ${range(samples.map(({ descriptors }) => descriptors))}`,
    `listeners of signals: ${range(warm.map(({ listeners }) => listeners))}; timers: ${range(warm.map(({ timers }) => timers))}`,
    `lines in the program's log: ${logLines}`,
  ].join('\n');
}

/** What the memory says: growth of the heap or of listeners that is beyond its noise. */
export function growthProblems(samples: readonly Sample[]): string[] {
  const warm = afterWarmUp(samples);
  const heap = slope(warm, 'heap');
  const listeners = slope(warm, 'listeners');
  return [
    ...(heap && isGrowth(heap, TOLERATED_BYTES) ? [`the heap grows by ${printSlope(heap, 'MB')}`] : []),
    ...(listeners && isGrowth(listeners, 1) ? [`listeners grow by ${printSlope(listeners, '')}`] : []),
  ];
}

function slope(samples: readonly Sample[], figure: keyof Sample): Slope | undefined {
  const lastedMs = (samples.at(-1)?.atMs ?? 0) - (samples.at(0)?.atMs ?? 0);
  return lastedMs < SHORTEST_MS ? undefined : slopeOf(samples, figure);
}

function isGrowth({ perHour, error }: Slope, tolerated: number): boolean {
  return perHour - 3 * error > tolerated;
}

function afterWarmUp(samples: readonly Sample[]): readonly Sample[] {
  const [begunMs, endedMs] = [samples.at(0)?.atMs ?? 0, samples.at(-1)?.atMs ?? 0];
  const warmMs = begunMs + Math.min(WARM_UP_MS, (endedMs - begunMs) / 2);
  return samples.filter(({ atMs }) => atMs >= warmMs);
}

function printSlope(slope: Slope | undefined, unit: 'MB' | ''): string {
  if (!slope) return 'too short to tell';
  const scale = unit === 'MB' ? 1e6 : 1;
  return `${(slope.perHour / scale).toFixed(3)} ± ${(slope.error / scale).toFixed(3)} ${unit} an hour`;
}

function range(numbers: readonly number[]): string {
  return numbers.length === 0 ? 'none' : `${Math.min(...numbers)} to ${Math.max(...numbers)}`;
}
