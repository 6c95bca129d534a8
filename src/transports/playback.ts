import type { Clock } from '../model/ports.js';
import type { CaptureChunk } from './capture.js';

/** How a recording is played. */
export interface PlaybackOptions {
  /** How many times faster than it was recorded; Infinity: at once. */
  readonly speed: number;
  /** Whether it begins again when it has ended. */
  readonly loop: boolean;
}

/** How long after its last byte a recording has ended, by whether the meter was asked: what its reader makes of that silence belongs to it. */
const END_MS = { pushed: 1_000, asked: 5_000 } as const;

/** How long a recording that has answers left waits for somebody to ask: quiet hours and the longest interval pass meanwhile. */
const UNASKED_MS = 48 * 3_600_000;

/** Requests in a row that were never recorded, after which it is not to be expected that another was. */
const UNKNOWN_REQUESTS = 10;

/**
 * Where a recording is. What came before any request comes by itself; then each request is looked for from there on, and what came after it comes with the
 * same delay. A request that was never recorded gets no answer.
 */
export class Playback {
  readonly #chunks: readonly CaptureChunk[];
  readonly #options: PlaybackOptions;
  readonly #clock: Clock;
  readonly #wasAsked: boolean;
  /** The next chunk. */
  #next = 0;
  /** When, by the clock, that happened which happened at `atMs` in the recording. */
  #origin: { readonly at: number; readonly atMs: number };
  #quietSince: number;
  #unknown = 0;

  constructor(chunks: readonly CaptureChunk[], options: PlaybackOptions, clock: Clock) {
    this.#chunks = chunks;
    this.#options = options;
    this.#clock = clock;
    this.#wasAsked = chunks.some(({ direction }) => direction === 'to');
    this.#quietSince = clock.monotonic();
    this.#origin = { at: this.#quietSince, atMs: 0 };
  }

  /** When `take` has something, by the monotonic clock. */
  get dueAt(): number {
    const chunk = this.#chunks[this.#next];
    if (chunk?.direction === 'from') return this.#origin.at + (chunk.atMs - this.#origin.atMs) / this.#options.speed;
    return this.#quietSince + (this.#hasEnded ? END_MS[this.#wasAsked ? 'asked' : 'pushed'] : UNASKED_MS);
  }

  /** The bytes that are due; undefined at the end of the recording. */
  take(): Uint8Array | undefined {
    const chunk = this.#chunks[this.#next];
    if (chunk?.direction === 'from') {
      this.#next++;
      this.#quietSince = this.#clock.monotonic();
      return chunk.bytes;
    }
    const [first] = this.#chunks;
    if (!this.#options.loop || !this.#hasEnded || first?.direction !== 'from') return undefined;
    this.#goTo(0, first.atMs);
    return this.take();
  }

  /** Drops what is due. */
  discard(): void {
    const now = this.#clock.monotonic();
    while (this.#chunks[this.#next]?.direction === 'from' && this.dueAt <= now) this.take();
  }

  /**
   * Goes to what came after that request.
   * @returns false when all that came after it has been played, or none of what is asked was recorded
   */
  answer(request: Uint8Array): boolean {
    const ahead = this.#find(request, this.#next);
    const found = ahead ?? this.#find(request, 0);
    this.#quietSince = this.#clock.monotonic();
    if (found === undefined) {
      this.#unknown++;
      return this.#unknown < UNKNOWN_REQUESTS;
    }
    this.#unknown = 0;
    if (ahead === undefined && !this.#options.loop) return false;
    this.#goTo(found + 1, this.#chunks[found]?.atMs ?? 0);
    return true;
  }

  get #hasEnded(): boolean {
    return this.#next >= this.#chunks.length && !(this.#options.loop && this.#wasAsked);
  }

  #goTo(index: number, atMs: number): void {
    this.#next = index;
    this.#quietSince = this.#clock.monotonic();
    this.#origin = { at: this.#quietSince, atMs };
  }

  #find(request: Uint8Array, from: number): number | undefined {
    const at = this.#chunks.findIndex(
      ({ direction, bytes }, index) => index >= from && direction === 'to' && Buffer.compare(bytes, request) === 0,
    );
    return at === -1 ? undefined : at;
  }
}
