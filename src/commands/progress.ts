import type { Clock } from '../model/ports.js';
import type { Screen } from './command.js';

const BAR_WIDTH = 30;
/** A line that is replaced may be often, one that stays should not. */
const EVERY_MS = { bar: 200, lines: 10_000 } as const;
/** Goes to the beginning of the line and clears it. ECMA-48, EL. */
const CLEAR = '\r\x1b[K';

/** How far something is that takes a while: a bar in a terminal, else a line now and then. */
export class Progress {
  readonly #write: (text: string) => void;
  readonly #clock: Clock;
  readonly #screen: (() => Screen | undefined) | undefined;
  readonly #startedAt: number;
  #saidAt: number;
  #isShown = false;

  constructor(write: (text: string) => void, clock: Clock, screen?: () => Screen | undefined) {
    this.#write = write;
    this.#clock = clock;
    this.#screen = screen;
    this.#startedAt = clock.monotonic();
    this.#saidAt = this.#startedAt;
  }

  /** @param fraction how much is done, from 0 to 1; undefined where nobody knows @param count how many things that is */
  update(fraction: number | undefined, count: number): void {
    const screen = this.#screen?.();
    const now = this.#clock.monotonic();
    if (now - this.#saidAt < EVERY_MS[screen ? 'bar' : 'lines']) return;
    this.#saidAt = now;
    const rate = Math.round(count / ((now - this.#startedAt) / 1_000));
    const percent = fraction === undefined ? '' : `${String(Math.floor(fraction * 100)).padStart(3)} % `;
    const text = `${percent}${count} readings, ${rate} a second`;
    if (!screen) {
      this.#write(`${text.trimStart()}\n`);
      return;
    }
    const done = Math.round((fraction ?? 0) * BAR_WIDTH);
    const bar = fraction === undefined ? '' : `[${'#'.repeat(done)}${'.'.repeat(BAR_WIDTH - done)}] `;
    this.#write(CLEAR + `${bar}${text}`.slice(0, Math.max(0, screen.columns - 1)));
    this.#isShown = true;
  }

  /** Makes room for something else to be said. */
  clear(): void {
    if (this.#isShown) this.#write(CLEAR);
    this.#isShown = false;
  }
}
