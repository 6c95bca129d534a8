/** The last frame of a meter that was accepted. */
export interface AcceptedFrame {
  readonly counter: number;
  /** The meter's own time, milliseconds since 1970 UTC; absent when its clock was not set. */
  readonly measuredAt?: number | undefined;
}

/**
 * What the counter of an authentic frame says: how many frames the meter sent since the last accepted one, or that it was seen before.
 * `missing` starts with the first frame after the start of the program: before that nobody listened, and the stored counter may lag behind.
 */
export type CounterVerdict =
  { readonly kind: 'accepted'; readonly missing: number } | { readonly kind: 'replayed'; readonly detail: string };

/** Frames in a row that must speak for a restart before a lower counter is believed. */
const FRAMES_FOR_A_RESTART = 3;

/**
 * Guards one meter's frame counter, which rises with every frame, against replayed frames. Only what tag or CRC prove authentic may be shown to it.
 *
 * A counter that starts again (a new key, a meter reset) looks like a replay at first. It is believed with the third frame in a row whose counters rise and
 * whose times are all later than that of the last accepted frame: nobody can have recorded such frames before. Without a meter time there is no such evidence.
 */
export class FrameCounterGuard {
  #last: AcceptedFrame | undefined;
  #listening = false;
  #restart = { counter: -1, frames: 0 };

  /** @param last what was accepted before this program was started */
  constructor(last?: AcceptedFrame) {
    this.#last = last;
  }

  /** Judges the next authentic frame, and accepts it if it is new. */
  judge(frame: AcceptedFrame): CounterVerdict {
    const last = this.#last;
    if (!last || frame.counter > last.counter) return this.#accept(frame, last ? frame.counter - last.counter - 1 : 0);
    if (!isLater(frame, last)) {
      this.#restart = { counter: -1, frames: 0 };
      return { kind: 'replayed', detail: `frame counter ${frame.counter} after ${last.counter}` };
    }
    const frames = frame.counter > this.#restart.counter ? this.#restart.frames + 1 : 1;
    this.#restart = { counter: frame.counter, frames };
    if (frames >= FRAMES_FOR_A_RESTART) return this.#accept(frame, 0);
    const detail = `frame counter ${frame.counter} after ${last.counter}, though of a later time: believed from the ${FRAMES_FOR_A_RESTART}rd such frame in a row on`;
    return { kind: 'replayed', detail };
  }

  #accept(frame: AcceptedFrame, missing: number): CounterVerdict {
    this.#last = frame;
    this.#restart = { counter: -1, frames: 0 };
    const counted = this.#listening ? missing : 0;
    this.#listening = true;
    return { kind: 'accepted', missing: counted };
  }
}

function isLater(frame: AcceptedFrame, last: AcceptedFrame): boolean {
  return frame.measuredAt !== undefined && last.measuredAt !== undefined && frame.measuredAt > last.measuredAt;
}
