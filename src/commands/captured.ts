import { Bell } from '../pipeline/bell.js';
import { scopeOf } from '../pipeline/clock.js';
import { ReplayClock } from '../pipeline/replay-clock.js';
import type { QueueItem, Reading } from '../model/reading.js';
import { DEAF } from '../transports/tap.js';
import { environmentWithLine, runAside } from './aside.js';
import type { CommandContext } from './command.js';
import { appOptions } from './run.js';

/** What is played, and from where. */
export interface Captured {
  /** Of the environment whose meter was recorded. */
  readonly environment: string;
  readonly settings: string | undefined;
  readonly path: string;
  /** When the recording was begun, milliseconds since 1970 UTC. */
  readonly startedAt: number;
}

/** How many readings may wait before the recording does. */
const MOST_WAITING = 1_000;

/** The readings that the settings of an environment make of a recording, under the times at which they were measured. */
export async function* capturedReadings(
  { environment: name, settings, path, startedAt }: Captured,
  context: CommandContext,
): AsyncGenerator<Reading> {
  const environment = await environmentWithLine([name], settings, context);
  const clock = new ReplayClock(startedAt, Infinity);
  using scope = scopeOf(context.stop);
  const waiting = new Waiting(clock);
  const tap = { ...DEAF, opening: waiting.hold, opened: waiting.release };
  const link = { ...environment.link, type: 'replay', path, speed: 1, loop: false, tap };
  const aside = { link, sinks: 'drop', observe: waiting.observe } as const;
  const signals = { stop: scope.signal, deadline: context.deadline };
  const playing = runAside(environment, aside, { ...appOptions(context), clock }, signals).finally(waiting.end);
  // It is awaited in the end.
  playing.catch(() => undefined);
  try {
    for (let next = await waiting.next(); next; next = await waiting.next()) yield next;
  } finally {
    scope.abort();
    waiting.release();
    await playing;
  }
}

/** Readings between a recording, whose clock stands still while there are many of them, and whoever takes them. */
class Waiting {
  readonly #clock: ReplayClock;
  readonly #bell = new Bell();
  readonly #never = new AbortController().signal;
  #readings: Reading[] = [];
  #hasEnded = false;

  constructor(clock: ReplayClock) {
    this.#clock = clock;
  }

  readonly hold = (): void => {
    this.#clock.hold();
  };

  readonly release = (): void => {
    if (this.#readings.length < MOST_WAITING) this.#clock.release();
  };

  readonly observe = (item: QueueItem): void => {
    if (item.kind !== 'reading') return;
    this.#readings.push(item);
    if (this.#readings.length >= MOST_WAITING) this.hold();
    this.#bell.ring();
  };

  readonly end = (): void => {
    this.#hasEnded = true;
    this.#bell.ring();
  };

  /** @returns undefined when there are no more */
  async next(): Promise<Reading | undefined> {
    while (this.#readings.length === 0 && !this.#hasEnded) await this.#bell.next(this.#never);
    const next = this.#readings.shift();
    if (this.#readings.length === MOST_WAITING - 1) this.release();
    return next;
  }
}
