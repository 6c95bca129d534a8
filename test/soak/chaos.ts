import { setTimeout } from 'node:timers/promises';
import type { Random } from '../fuzz/random.js';
import type { Window } from './books.js';
import type { Metered, Rig } from './rig.js';

/** How long everything may take to be as it was: the longest wait before a link or a broker is tried again, and some more. */
const PATIENCE_MS = 150_000;

/** What is on its way when something happens. */
const UNDERWAY_MS = 1_000;

/** How long a T210 says nothing when it is silent: longer than the three periods that the program waits. */
const SILENCE_MS = 4_000;

const SECOND_STATE = 'homie/dummy-smart-meter/$state';

/** What happens to brokers, cables and processes, what it has done so far, and what did not become as it was. */
export class Chaos {
  /** How often each thing was done. */
  readonly done = new Map<string, number>();
  /** When the broker was not there. */
  readonly outages: Window[] = [];
  readonly problems: string[] = [];
  readonly #rig: Rig;
  readonly #random: Random;
  readonly #longestFreezeMs: number;
  #due: [what: string, act: () => Promise<void>][] = [];

  constructor(rig: Rig, random: Random, longestFreezeMs: number) {
    this.#rig = rig;
    this.#random = random;
    this.#longestFreezeMs = longestFreezeMs;
  }

  /** Does one thing, and waits until everything is as it was: each thing once, in any order, before any is done again. */
  async strike(): Promise<void> {
    if (this.#due.length === 0) this.#due = this.#acts();
    const [next] = this.#due.splice(this.#random.below(this.#due.length), 1);
    if (!next) return;
    const [what, act] = next;
    this.done.set(what, (this.done.get(what) ?? 0) + 1);
    await act();
    await this.#recover(what);
  }

  #acts(): [string, () => Promise<void>][] {
    const { broker, program, t210s, heat } = this.#rig;
    const restart = (): Promise<void> => broker.start();
    const freeze = async (): Promise<void> => {
      broker.pause();
    };
    const thaw = async (): Promise<void> => {
      broker.resume();
    };
    const metered = [...t210s, heat];
    return [
      ['the broker restarted', () => this.#outage(() => broker.stop(), restart, 2_000)],
      ['the broker killed', () => this.#outage(() => broker.kill(), restart, 2_000)],
      ['the broker frozen', () => this.#outage(freeze, thaw, this.#longestFreezeMs)],
      ...metered.map((one): [string, () => Promise<void>] => [`${one.id} unplugged`, () => this.#cut(one)]),
      ...t210s.map((one): [string, () => Promise<void>] => [`${one.id} silent`, () => this.#silence(one)]),
      ['the second instance killed', () => this.#killSecond()],
      [
        'the polled meter read before its time',
        async () => {
          program.signal('SIGUSR1');
        },
      ],
    ];
  }

  async #outage(begin: () => Promise<void>, end: () => Promise<void>, longestMs: number): Promise<void> {
    const from = performance.now() - UNDERWAY_MS;
    await begin();
    await setTimeout(this.#random.below(longestMs));
    await end();
    await this.#recover('the broker back');
    this.outages.push({ from, to: performance.now() });
  }

  async #cut({ line, cuts }: Metered): Promise<void> {
    const from = performance.now() - UNDERWAY_MS;
    await line.cut();
    await setTimeout(this.#random.below(2_000));
    await line.mend();
    await this.#recover('the line mended');
    cuts.push({ from, to: performance.now() });
  }

  async #silence(metered: Rig['t210s'][number]): Promise<void> {
    const from = performance.now() - UNDERWAY_MS;
    metered.meter.isSilent = true;
    await setTimeout(SILENCE_MS);
    metered.meter.isSilent = false;
    await this.#recover('the meter talking again');
    metered.cuts.push({ from, to: performance.now() });
  }

  async #killSecond(): Promise<void> {
    const { second, subscriber } = this.#rig;
    await second.kill();
    const isLost = await subscriber.until(() => subscriber.latest.get(SECOND_STATE) === 'lost', PATIENCE_MS);
    if (!isLost) this.problems.push('the second instance was killed and is not lost');
    await second.again();
    const isBack = await subscriber.until(() => subscriber.latest.get(SECOND_STATE) === 'ready', PATIENCE_MS);
    if (!isBack) this.problems.push('the second instance was started again and is not ready');
  }

  /** Waits until of each meter something is seen that was sent from now on. */
  async #recover(after: string): Promise<void> {
    const { subscriber, t210s, heat } = this.#rig;
    const since = performance.now();
    const isLate = ({ book }: Metered): boolean => book.newestDeliveredAt < since;
    const metered = [...t210s, heat];
    if (await subscriber.until(() => !metered.some(isLate), PATIENCE_MS)) return;
    const late = metered.filter(isLate).map(({ id }) => id);
    this.problems.push(`${after}: nothing new from ${late.join(', ')} for ${PATIENCE_MS / 1_000} s`);
  }
}
