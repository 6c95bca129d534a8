import type { Clock } from '../../model/ports.js';
import { unlessAborted } from '../../pipeline/clock.js';
import type { Screen } from '../command.js';
import type { Paint } from '../paint.js';
import type { Board } from './board.js';
import { renderView, repaint } from './render.js';

/** What a display is made of. */
export interface DisplayOptions {
  readonly board: Board;
  readonly clock: Clock;
  readonly write: (text: string) => void;
  /** How large it is just now. */
  readonly screen: () => Screen;
  readonly paint: Paint;
  /** Draw once alone, so long after the first values have come. */
  readonly onceAfterMs?: number;
  /** Told when it has drawn what it was to draw. */
  readonly done: () => void;
}

/** How often ages are drawn anew. */
const TICK_MS = 1_000;

/** Changes that come together are drawn together. */
const TOGETHER_MS = 50;

/** Hides the cursor, and shows it again. DEC private mode 25. */
const HIDE = '\x1b[?25l';
const SHOW = '\x1b[?25h';

/** Draws a board again and again in its place. */
export class Display {
  readonly #options: DisplayOptions;
  #changedAt: number | undefined;

  constructor(options: DisplayOptions) {
    this.#options = options;
  }

  /** Says that the board has changed. */
  changed(): void {
    this.#changedAt = this.#options.clock.monotonic();
  }

  /** Draws until `stop` aborts, or it was to draw once. */
  async run(stop: AbortSignal): Promise<void> {
    const { onceAfterMs } = this.#options;
    await unlessAborted(stop, onceAfterMs === undefined ? this.#drawOn(stop) : this.#drawOnce(onceAfterMs, stop));
  }

  async #drawOnce(afterMs: number, stop: AbortSignal): Promise<void> {
    const { board, clock, write, done } = this.#options;
    while (!board.hasValues) await clock.sleep(TOGETHER_MS, stop);
    await clock.sleep(afterMs, stop);
    write(repaint(this.#lines(), 0));
    done();
  }

  async #drawOn(stop: AbortSignal): Promise<void> {
    const { clock, write } = this.#options;
    let drawn = 0;
    write(HIDE);
    try {
      for (;;) {
        const lines = this.#lines();
        write(repaint(lines, drawn));
        drawn = lines.length;
        this.#changedAt = undefined;
        const drawnAt = clock.monotonic();
        while (clock.monotonic() - drawnAt < TICK_MS && this.#changedAt === undefined) await clock.sleep(TOGETHER_MS, stop);
      }
    } finally {
      write(SHOW);
    }
  }

  #lines(): string[] {
    const { board, clock, screen, paint } = this.#options;
    return renderView(board.view(clock.monotonic()), screen(), paint);
  }
}
