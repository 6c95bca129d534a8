import { readFileSync, readdirSync } from 'node:fs';
import type { Inside } from './diagnostics.js';

/** One look at a process from outside and, through `diagnostics.ts`, from inside. Bytes, and counts. */
export interface Sample extends Inside {
  readonly atMs: number;
  readonly rss: number;
  readonly descriptors: number;
}

/** How a figure goes on, by linear regression: per hour, with the standard error. */
export interface Slope {
  readonly perHour: number;
  readonly error: number;
}

/** Samples in a row hang together, so the error is that of the means of so many stretches. */
const STRETCHES = 24;

/** The slope of a figure over samples; undefined when there are too few of them. */
export function slopeOf(samples: readonly Sample[], figure: keyof Sample): Slope | undefined {
  const size = Math.ceil(samples.length / STRETCHES);
  if (samples.length < 12) return undefined;
  const points = Array.from({ length: Math.floor(samples.length / size) }, (_, stretch) => {
    const part = samples.slice(stretch * size, (stretch + 1) * size);
    return { x: mean(part.map(({ atMs }) => atMs / 3_600_000)), y: mean(part.map((sample) => sample[figure])) };
  });
  const [meanX, meanY] = [mean(points.map(({ x }) => x)), mean(points.map(({ y }) => y))];
  const squares = sum(points.map(({ x }) => (x - meanX) ** 2));
  const perHour = sum(points.map(({ x, y }) => (x - meanX) * (y - meanY))) / squares;
  const residuals = sum(points.map(({ x, y }) => (y - meanY - perHour * (x - meanX)) ** 2));
  return { perHour, error: Math.sqrt(residuals / (points.length - 2) / squares) };
}

/** What a process shows of itself in `/proc`. proc(5), "VmRSS" and "fd". */
export function lookAt(pid: number): Pick<Sample, 'rss' | 'descriptors'> {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const rss = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1_024;
  return { rss, descriptors: readdirSync(`/proc/${pid}/fd`).length };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function mean(numbers: readonly number[]): number {
  return sum(numbers) / numbers.length;
}
