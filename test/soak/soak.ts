import { setTimeout } from 'node:timers/promises';
import { randomOf } from '../fuzz/random.js';
import { Chaos } from './chaos.js';
import { lookAt, type Sample } from './memory.js';
import { PUSH_MS, withRig, type Metered, type MeteredT210, type Rig } from './rig.js';
import { settle, type Account, type Figures, type Numbered } from './settle.js';

/** For how long, how wild, and from which seed. */
export interface SoakOptions {
  readonly minutes: number;
  readonly seed: number;
  /** The longest quiet time between two things that go wrong. */
  readonly longestCalmMs: number;
  /** The longest time for which the broker answers nothing. */
  readonly longestFreezeMs: number;
}

/** What came of it. */
export interface SoakResult {
  readonly problems: readonly string[];
  readonly accounts: readonly Account[];
  readonly samples: readonly Sample[];
  /** Descriptors whenever all was well again. */
  readonly calmDescriptors: readonly number[];
  readonly done: ReadonlyMap<string, number>;
  readonly logLines: number;
}

/** How long a first and a last telegram may take to be seen. */
const SEEN_MS = 3_000;
const PATIENCE_MS = 60_000;

/** A telegram: the number that the meter gave it, and the key of the books. */
interface Pushed {
  readonly counter: number;
  readonly key: string;
}

/** Runs the program with all that can go wrong, and closes the books at the end. @throws when the program ends before it is told to */
export function soak(options: SoakOptions): Promise<SoakResult> {
  return withRig(options.seed, async (rig) => {
    const result = await Promise.race([run(rig, options), died(rig)]);
    const { code } = await rig.program.end('SIGTERM');
    const problems = code === 0 ? result.problems : [...result.problems, `the program ended with ${code}`];
    return { ...result, problems, logLines: rig.program.stderr().split('\n').length - 1 };
  });
}

/** Rejects when the program ends by itself. */
async function died({ program }: Rig): Promise<never> {
  const { code, signal } = await program.exit;
  throw new Error(`the program ended with ${code ?? signal}:\n${program.stderr().slice(-4_000)}`);
}

async function run(rig: Rig, options: SoakOptions): Promise<Omit<SoakResult, 'logLines'>> {
  const random = randomOf(options.seed, 4);
  const chaos = new Chaos(rig, random, options.longestFreezeMs);
  const stop = new AbortController();
  await opened(rig);
  const samples: Sample[] = [];
  const calmDescriptors: number[] = [];
  const tasks = [sample(rig, samples, stop.signal)];
  // Each goes on at once: who waits for the others would be let go of as silent.
  const begin = async (one: MeteredT210): Promise<number> => {
    const pushed = await pushUntilSeen(rig, one);
    tasks.push(push(one, stop.signal));
    return pushed.find(({ key }) => one.book.isDelivered(key))?.counter ?? 0;
  };
  const first = await Promise.all(rig.t210s.map(begin));
  if (!(await rig.subscriber.until(() => rig.heat.book.newestDeliveredAt > 0, PATIENCE_MS)))
    chaos.problems.push('nothing from the Multical');
  const end = performance.now() + options.minutes * 60_000;
  while (performance.now() < end) {
    await chaos.strike();
    calmDescriptors.push(lookAt(rig.program.pid).descriptors);
    await setTimeout(random.below(options.longestCalmMs));
  }
  stop.abort();
  await Promise.all(tasks);
  const last = await Promise.all(rig.t210s.map(async (one) => (await pushUntilSeen(rig, one)).at(-1)?.counter ?? 0));
  await hush(rig, chaos);
  const accountOf = (metered: Metered, numbered?: Numbered): Account =>
    settle(figuresOf(rig, metered), { ...metered, outages: chaos.outages }, numbered);
  const accounts = [
    ...rig.t210s.map((one, at) => accountOf(one, { first: first[at] ?? 0, last: last[at] ?? 0, meter: one.meter })),
    accountOf(rig.heat),
  ];
  const unbalanced = accounts.flatMap(({ problems }) => problems);
  const problems = [...chaos.problems, ...rig.problems, ...unbalanced, ...growth(calmDescriptors)];
  return { problems, accounts, samples, calmDescriptors, done: chaos.done };
}

/** Waits until the program hears the meters that push: what is sent earlier may wait for it in the cable. */
async function opened({ t210s, program }: Rig): Promise<void> {
  const since = performance.now();
  while (!t210s.every(({ line }) => line.isOpenIn(program.pid))) {
    if (performance.now() - since > PATIENCE_MS) throw new Error(`the program did not open its lines:\n${program.stderr()}`);
    await setTimeout(20);
  }
}

/** Sends telegrams one by one until one is seen: opening a port throws away what has come by then. @returns them all, the one that was seen last */
async function pushUntilSeen({ subscriber }: Rig, { book, meter, id, cuts }: MeteredT210): Promise<Pushed[]> {
  const since = performance.now();
  const pushed: Pushed[] = [];
  while (performance.now() - since < PATIENCE_MS) {
    const from = performance.now();
    const counter = meter.nextCounter;
    const key = await meter.push();
    pushed.push({ counter, key });
    if (await subscriber.until(() => book.isDelivered(key), SEEN_MS)) return pushed;
    cuts.push({ from, to: performance.now() });
  }
  throw new Error(`nothing was seen of ${id}`);
}

async function push({ meter }: MeteredT210, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    const next = performance.now() + PUSH_MS;
    await meter.pushOrFail();
    await setTimeout(Math.max(0, next - performance.now()));
  }
}

/** The meters say nothing more, until the program says so, with its figures. */
async function hush({ subscriber, t210s, heat }: Rig, chaos: Chaos): Promise<void> {
  // An answer may be on its way.
  heat.cuts.push({ from: performance.now() - 1_000, to: Infinity });
  await heat.line.cut();
  const isSilent = ({ id }: Metered): boolean => subscriber.latest.get(`homie/${id}/$state`) === 'alert';
  if (!(await subscriber.until(() => [...t210s, heat].every(isSilent), PATIENCE_MS))) chaos.problems.push('silence is not told');
}

/** What the program counted of a meter. */
function figuresOf({ subscriber }: Rig, { id }: Metered): Figures {
  const figure = (name: keyof Figures): number => Number(subscriber.latest.get(`homie/${id}/meter/${name}`));
  return {
    readings: figure('readings'),
    faults: figure('faults'),
    quarantined: figure('quarantined'),
    lost: figure('lost'),
    reconnects: figure('reconnects'),
  };
}

/** Looks at the program once a second. */
async function sample(rig: Rig, samples: Sample[], stop: AbortSignal): Promise<void> {
  let hasEnded = false;
  void rig.program.exit.then(() => {
    hasEnded = true;
  });
  while (!stop.aborted && !hasEnded) {
    const inside = rig.inside();
    if (inside) samples.push({ atMs: performance.now(), ...lookAt(rig.program.pid), ...inside });
    await setTimeout(1_000);
  }
}

/** Descriptors may come and go; when all is well again there must not be more of them than at first. */
function growth(descriptors: readonly number[]): string[] {
  if (descriptors.length < 2) return [];
  const half = Math.ceil(descriptors.length / 2);
  const [before, after] = [Math.max(...descriptors.slice(0, half)), Math.min(...descriptors.slice(half))];
  return after > before ? [`descriptors grew from ${before} to ${after}`] : [];
}
