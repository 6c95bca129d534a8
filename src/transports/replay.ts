import { readFile } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { LinkEnded, LinkError } from '../model/errors.js';
import type { Clock } from '../model/ports.js';
import { CaptureError, parseCapture } from './capture.js';
import type { Link } from './link.js';
import { Playback } from './playback.js';
import { wait } from './wait.js';

/** What is played, and how. */
export interface ReplaySettings {
  /** Of a capture, or of a dump of bytes. */
  readonly path: string;
  /** How many times faster than it was recorded; Infinity: as fast as it is read. */
  readonly speed: number;
  /** Whether it begins again when it has ended. */
  readonly loop: boolean;
}

/** A meter goes on while nobody listens: a link that is opened again finds the recording where it is by then. */
const playbacks = new WeakMap<ReplaySettings, Playback>();

/**
 * Opens a link on which comes what was once recorded: by itself what came before anything was asked, and for each request what came after the same one.
 * Where those settings were opened before, the recording goes on.
 * @throws LinkError the file cannot be read
 */
export async function openReplay(settings: ReplaySettings, clock: Clock, signal: AbortSignal): Promise<Link> {
  signal.throwIfAborted();
  let playback = playbacks.get(settings);
  if (!playback) {
    playback = new Playback(await readChunks(settings.path, signal), settings, clock);
    playbacks.set(settings, playback);
  }
  return new ReplayLink(playback, settings, clock);
}

async function readChunks(path: string, signal: AbortSignal) {
  try {
    return parseCapture(await readFile(path, { signal })).chunks;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof CaptureError) && !(error instanceof Error && 'code' in error)) throw error;
    throw new LinkError(`cannot replay ${path}: ${error.message}`, { cause: error });
  }
}

class ReplayLink implements Link {
  readonly #playback: Playback;
  readonly #settings: ReplaySettings;
  readonly #clock: Clock;
  #lost: LinkError | undefined;
  #wake: (() => void) | undefined;

  constructor(playback: Playback, settings: ReplaySettings, clock: Clock) {
    this.#playback = playback;
    this.#settings = settings;
    this.#clock = clock;
  }

  async read(signal: AbortSignal): Promise<Uint8Array> {
    // Nothing else gives way to the rest of the program when no byte has to be waited for.
    if (this.#settings.speed === Infinity) await nextTurn();
    for (;;) {
      signal.throwIfAborted();
      if (this.#lost) throw this.#lost;
      const { dueAt } = this.#playback;
      if (dueAt > this.#clock.monotonic()) {
        await this.#waitUntil(dueAt, signal);
        continue;
      }
      const bytes = this.#playback.take();
      if (bytes) return bytes;
      throw this.#end('nothing more was recorded');
    }
  }

  async write(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#lost) throw this.#lost;
    if (!this.#playback.answer(bytes)) throw this.#end('it holds no further answer to what is asked');
    this.#wake?.();
    await Promise.resolve();
  }

  discard(): void {
    this.#playback.discard();
  }

  close(): Promise<void> {
    this.#lost ??= new LinkError(`${this.#settings.path} was closed`);
    this.#wake?.();
    return Promise.resolve();
  }

  #end(reason: string): LinkEnded {
    return new LinkEnded(`end of ${this.#settings.path}: ${reason}`);
  }

  async #waitUntil(dueAt: number, signal: AbortSignal): Promise<void> {
    const timer = new AbortController();
    await wait(signal, (wake) => {
      this.#wake = wake;
      this.#clock.sleep(dueAt - this.#clock.monotonic(), timer.signal).then(wake, () => undefined);
    });
    this.#wake = undefined;
    timer.abort();
  }
}
