import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { Multical } from '../../src/simulators/multical.js';
import { T210 } from '../../src/simulators/t210.js';
import { randomOf, type Random } from '../fuzz/random.js';
import { startBroker, type Broker } from '../support/broker.js';
import { dummyToml, kamstrupToml, t210Toml } from '../support/environments.js';
import { startProgram, type Program, type ProgramOptions } from '../support/program.js';
import { KEYS, secretsToml } from '../support/t210.js';
import { AnsweringMultical, MULTICAL_KEY } from './answering-multical.js';
import { Book, type Window } from './books.js';
import type { Inside } from './diagnostics.js';
import { bridge, cable, type Line } from './line.js';
import { PushingT210, T210_KEY } from './pushing-t210.js';
import { Subscriber } from './subscriber.js';

/** A hundred times the speed: ten seconds become these. */
export const PUSH_MS = 100;

/** What can flow is multiplied as well. */
const PLAUSIBILITY = '[plausibility]\nmax_power_kw = 6900\nmax_flow_m3_per_hour = 1500\n';

/** A meter as the soak sees it: its line, its books, and when its line was not what it should be. */
export interface Metered {
  readonly id: string;
  readonly line: Line;
  readonly book: Book;
  readonly cuts: Window[];
}

/** A T210 among them. */
export interface MeteredT210 extends Metered {
  readonly meter: PushingT210;
}

/** All that runs: a broker, a subscriber, meters on their lines, the program, and a second instance of it. */
export interface Rig {
  readonly broker: Broker;
  readonly subscriber: Subscriber;
  readonly program: Program;
  readonly second: SecondInstance;
  readonly t210s: readonly MeteredT210[];
  readonly heat: Metered & { readonly meter: AnsweringMultical };
  /** Totals of the second instance that fell, in words. */
  readonly problems: string[];
  /** What the program tells of itself. */
  inside(): Inside | undefined;
}

/** Starts everything, hands it over, and ends it. The meters that push are silent at first. */
export async function withRig<T>(seed: number, work: (rig: Rig) => Promise<T>): Promise<T> {
  const never = new AbortController().signal;
  await using broker = await startBroker();
  await using wire = await cable(115_200);
  await using network = await bridge();
  const heatBook = new Book(MULTICAL_KEY);
  const multical = new AnsweringMultical(new Multical(), heatBook, randomOf(seed, 3));
  await using head = await cable(1_200, (link) => multical.run(link, never));
  const t210s = [
    pushing('electric-smart-meter', wire, randomOf(seed, 1), 1_000),
    pushing('remote-smart-meter', network, randomOf(seed, 2), 500_000),
  ];
  const heat = { id: 'heat-smart-meter', line: head, book: heatBook, cuts: [], meter: multical };
  const problems: string[] = [];
  await using subscriber = await Subscriber.connect(broker.url, bookkeeper([...t210s, heat], problems));
  await using second = await SecondInstance.start(broker);
  await using program = await startProgram(programOf(broker, t210s, heat));
  const inside = (): Inside | undefined => readInside(join(program.folder, DIAGNOSTICS));
  return await work({ broker, subscriber, program, second, t210s, heat, problems, inside });
}

/** Another process with a meter of its own on the same broker. */
export class SecondInstance implements AsyncDisposable {
  #program: Program;

  private constructor(program: Program) {
    this.#program = program;
  }

  static async start({ url }: Broker): Promise<SecondInstance> {
    return new SecondInstance(await startProgram({ args: ['run', 'dummy'], settings: { 'dummy.toml': dummyToml({ url }) } }));
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    await this.#program.end('SIGKILL');
  }

  /** Starts it again in its folder. */
  async again(): Promise<void> {
    this.#program = await this.#program.again();
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#program[Symbol.asyncDispose]();
  }
}

function pushing(id: string, line: Line, random: Random, frameCounter: number): MeteredT210 {
  const book = new Book(T210_KEY);
  const t210 = new T210({ keys: KEYS, frameCounter, seed: random.below(2 ** 31) });
  const meter = new PushingT210(t210, book, random, (bytes) => line.send(bytes));
  return { id, line, book, cuts: [], meter };
}

/** The file in the program's folder that `diagnostics.ts` writes. */
const DIAGNOSTICS = 'diagnostics.json';

function programOf({ url }: Broker, t210s: readonly Metered[], heat: Metered): ProgramOptions {
  const names = t210s.map((_, index) => `t210_${index}`);
  const settings = Object.fromEntries([
    ['default.toml', PLAUSIBILITY],
    [
      'kamstrup_403.toml',
      kamstrupToml({ id: heat.id, name: heat.id, url, path: heat.line.path, client: 'poll_interval = "1s"' }),
    ],
    ...t210s.flatMap(({ id, line: { path } }, index) => [
      [`t210_${index}.toml`, t210Toml({ id, name: id, url, path, client: 'period = "1s"' })],
      [`t210_${index}.secrets.toml`, secretsToml(KEYS)],
    ]),
  ]) as Record<string, string>;
  const diagnostics = new URL('diagnostics.js', import.meta.url).href;
  return {
    args: ['run', ...names, 'kamstrup_403'],
    settings,
    node: ['--expose-gc', '--import', diagnostics],
    // The program starts in its folder.
    env: { SOAK_DIAGNOSTICS: DIAGNOSTICS },
  };
}

function readInside(file: string): Inside | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Inside;
  } catch {
    return undefined;
  }
}

/** Hands what the subscriber sees to the books, and watches the second instance's total. */
function bookkeeper(metered: readonly Metered[], problems: string[]): (topic: string, payload: string) => void {
  const books = new Map(metered.map(({ id, book }) => [id, book]));
  let total = 0;
  return (topic, payload) => {
    const [, id = '', ...path] = topic.split('/');
    books.get(id)?.see(path.join('/'), payload);
    if (topic !== 'homie/dummy-smart-meter/energy/imported-total') return;
    if (Number(payload) < total) problems.push(`the second instance's total fell from ${total} to ${payload}`);
    total = Number(payload);
  };
}
