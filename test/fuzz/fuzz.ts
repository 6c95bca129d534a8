import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { fuzz, type Stretch, type Tally } from './campaign.js';
import { freshSeed } from './random.js';

const STRETCH = 20_000;

if (isMainThread) await main();
else serve();

/** Hands stretches to as many threads as there are processors, and prints what came of them. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { inputs: { type: 'string' }, seed: { type: 'string' }, from: { type: 'string' } },
  });
  const seed = Number(values.seed ?? freshSeed());
  const from = Number(values.from ?? 0);
  const inputs = Number(values.inputs ?? 10_000_000);
  console.log(`seed ${seed}: ${inputs} inputs from ${from}`);
  const startMs = performance.now();
  const stretches = stretchesOf({ seed, from, to: from + inputs });
  const total = new Map<string, Tally>();
  const threads = Math.min(availableParallelism(), Math.ceil(inputs / STRETCH));
  try {
    await Promise.all(Array.from({ length: threads }, () => work(stretches, total)));
  } catch (error) {
    // The first one ends the campaign, the other threads included.
    console.log(error instanceof Error ? error.message : error);
    process.exit(1);
  }
  const seconds = (performance.now() - startMs) / 1_000;
  for (const [name, tally] of total) console.log(`  ${name}: ${tally.inputs} inputs, ${tally.collisions} undetectable`);
  console.log(`no violation in ${inputs} inputs, ${Math.round(inputs / seconds)} a second on ${threads} threads; seed ${seed}`);
}

function* stretchesOf({ seed, from, to }: Stretch): Generator<Stretch> {
  for (let at = from; at < to; at += STRETCH) yield { seed, from: at, to: Math.min(at + STRETCH, to) };
}

async function work(stretches: Iterator<Stretch>, total: Map<string, Tally>): Promise<void> {
  const worker = new Worker(new URL(import.meta.url));
  try {
    for (let next = stretches.next(); !next.done; next = stretches.next()) {
      worker.postMessage(next.value);
      // Rejects with what the thread throws.
      const [tallies] = (await once(worker, 'message')) as [Map<string, Tally>];
      add(total, tallies);
    }
  } finally {
    await worker.terminate();
  }
}

function add(total: Map<string, Tally>, more: ReadonlyMap<string, Tally>): void {
  for (const [name, { inputs, collisions }] of more) {
    const before = total.get(name) ?? { inputs: 0, collisions: 0 };
    total.set(name, { inputs: before.inputs + inputs, collisions: before.collisions + collisions });
  }
}

function serve(): void {
  parentPort?.on('message', (stretch: Stretch) => parentPort?.postMessage(fuzz(stretch)));
}
