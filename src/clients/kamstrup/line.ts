import { encodeRequest, type Command } from '../../codecs/kmp/command.js';
import { KmpDecoder, type Skipped } from '../../codecs/kmp/frame.js';
import type { FrameError } from '../../codecs/decoder.js';
import type { Clock } from '../../model/ports.js';
import { scopeOf, within } from '../../pipeline/clock.js';
import type { Link } from '../../transports/link.js';

/** An answer begins less than 1.6 s after the last byte of its request (Kamstrup 5512-447); the rest is for adapters and bridges. */
const FIRST_BYTE_MS = 2_000;
/** A byte takes 9 ms at 1200 baud. USB adapters hand over every 16 ms and more, network bridges pause longer; only a cut answer costs this time. */
const NEXT_BYTE_MS = 250;
/** The longest answer takes 2 s at 1200 baud, so whatever lasts longer is noise. */
const EXCHANGE_MS = 4_000;
/** How often a request is repeated: the first one only wakes some meters. */
const RETRIES = 2;
/** How long a meter is left alone after no answer or a damaged one. Kamstrup 5512-447. */
const REST_MS = 1_600;
/** How long a meter is left alone after an answer: 9 ms by Kamstrup 5512-447. */
const PAUSE_MS = 20;
/** How much of what was heard is kept for the log: an exchange at 1200 baud and some more. */
const MAX_HEARD_BYTES = 512;

/** What a meter answered. */
export interface Answer<T> {
  readonly kind: 'answer';
  readonly value: T;
}

/** The half-duplex line to one meter: one request, one answer. */
export class Line {
  readonly #link: Link;
  readonly #clock: Clock;
  #readyAt = -Infinity;

  constructor(link: Link, clock: Clock) {
    this.#link = link;
    this.#clock = clock;
  }

  /**
   * Asks the meter, up to three times unless told otherwise.
   * @returns its answer, or what was wrong with the last try
   * @throws LinkError the link is lost
   */
  async ask<T>(command: Command<T>, signal: AbortSignal, retries = RETRIES): Promise<Answer<T> | FrameError> {
    let answer = await this.#exchange(command, signal);
    for (let retry = 0; retry < retries && answer.kind === 'error'; retry++) answer = await this.#exchange(command, signal);
    return answer;
  }

  /**
   * Leaves the meter alone until `wait` resolves, and notices meanwhile when the link is lost. What is heard unasked is noise.
   * @throws LinkError the link is lost
   */
  async rest(wait: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    using scope = scopeOf(signal);
    const ends = [wait(scope.signal), this.#ignore(scope.signal)];
    try {
      await Promise.race(ends);
    } finally {
      scope.abort();
      await Promise.allSettled(ends);
    }
  }

  async #ignore(signal: AbortSignal): Promise<never> {
    for (;;) await this.#link.read(signal);
  }

  async #exchange<T>(command: Command<T>, signal: AbortSignal): Promise<Answer<T> | FrameError> {
    const clock = this.#clock;
    const wait = this.#readyAt - clock.monotonic();
    if (wait > 0) await clock.sleep(wait, signal);
    this.#link.discard();
    // In one go: a meter gives up a request with gaps of more than 27 ms.
    await this.#link.write(encodeRequest(command), signal);
    const answer = await this.#listen(command, signal);
    this.#readyAt = clock.monotonic() + (answer.kind === 'error' ? REST_MS : PAUSE_MS);
    return answer;
  }

  async #listen<T>(command: Command<T>, signal: AbortSignal): Promise<Answer<T> | FrameError> {
    const decoder = new KmpDecoder('answer');
    const askedAt = this.#clock.monotonic();
    let heard: Uint8Array = new Uint8Array();
    let failure: FrameError | undefined;
    for (;;) {
      const chunk = await this.#hear(askedAt, decoder.incomplete, signal);
      if (!chunk) break;
      heard = Buffer.concat([heard, chunk]).subarray(0, MAX_HEARD_BYTES);
      for (const found of decoder.push(chunk)) {
        if (found.kind === 'error') failure = found;
        else if (found.frame.command === command.id) {
          const value = command.parse(found.frame.data);
          if (value !== undefined) return { kind: 'answer', value };
          failure = {
            kind: 'error',
            what: 'malformed',
            detail: 'the check sum is right, the content does not fit the request',
            bytes: heard,
          };
        }
      }
    }
    failure = decoder.idle().at(-1) ?? failure;
    return { ...(failure ? withAdvice(failure) : UNANSWERED[decoder.skipped]), bytes: heard };
  }

  /** The next bytes from the line; undefined when it was quiet for too long. */
  async #hear(askedAt: number, incomplete: boolean, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const now = this.#clock.monotonic();
    const quietUntil = incomplete ? now + NEXT_BYTE_MS : askedAt + FIRST_BYTE_MS;
    const wait = Math.min(quietUntil, askedAt + EXCHANGE_MS) - now;
    if (wait <= 0) return undefined;
    return within(this.#clock, wait, signal, (inTime) => this.#link.read(inTime));
  }
}

const CHECK = 'check that the IR head sits straight on the eye of the meter and is held by its magnet';
const WAKE = 'turn the head by 180°, press a button on the meter to wake it';
const LIGHT = 'shade it from the sun, compare the settings of the link with 1200 baud 8N2';

/** What it means that no answer came, by what came instead. */
const UNANSWERED = {
  nothing: { kind: 'error', what: 'timeout', detail: `${CHECK}, ${WAKE}` },
  noise: { kind: 'error', what: 'timeout', detail: `only noise was heard; ${CHECK}, ${LIGHT}` },
  echo: { kind: 'error', what: 'echo', detail: `the head sends back what it is given, the meter is silent; ${CHECK}, ${WAKE}` },
} as const satisfies Record<Skipped, Omit<FrameError, 'bytes'>>;

/** The decoder says what is wrong with the bytes; a user has to know what to do about it. */
function withAdvice({ kind, what, detail }: FrameError): Omit<FrameError, 'bytes'> {
  return { kind, what, detail: what === 'malformed' ? detail : `${detail}; ${CHECK}, ${LIGHT}` };
}
