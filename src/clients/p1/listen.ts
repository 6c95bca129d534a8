import type { Decoder } from '../../codecs/decoder.js';
import type { P1Frame } from '../../codecs/p1/frame.js';
import type { Finding } from '../../codecs/p1/scanner.js';
import type { Clock } from '../../model/ports.js';
import { within } from '../../pipeline/clock.js';
import type { Link } from '../../transports/link.js';

/** A line that says nothing for so long is between two frames: a whole one comes without a pause. */
const QUIET_MS = 200;

/** What a decoder found on a line. */
export interface Heard {
  readonly finding: Finding<P1Frame>;
  /** When the last byte arrived, milliseconds since 1970 UTC. */
  readonly receivedAt: number;
}

/** What is listened to. */
export interface Listening {
  readonly link: Link;
  readonly decoder: Decoder<P1Frame>;
  readonly clock: Clock;
  /** How long it may take until something is found; without an end when absent. */
  readonly patienceMs?: number | undefined;
}

/** Tells what comes over a line, until nothing was found for too long. */
export async function* listen({ link, decoder, clock, patienceMs }: Listening, stop: AbortSignal): AsyncGenerator<Heard, void> {
  const read = (signal: AbortSignal): Promise<Uint8Array> => link.read(signal);
  let foundAt = clock.monotonic();
  for (;;) {
    // The first bytes after a pause may take any time; what follows them comes without one.
    let chunk: Uint8Array | undefined =
      patienceMs === undefined ? await read(stop) : await within(clock, foundAt + patienceMs - clock.monotonic(), stop, read);
    if (!chunk) return;
    let receivedAt = clock.now();
    while (chunk) {
      receivedAt = clock.now();
      for (const finding of decoder.push(chunk)) {
        foundAt = clock.monotonic();
        yield { finding, receivedAt };
      }
      // In two waits: when this process was held up, the first runs out before what arrived meanwhile is seen.
      chunk = (await within(clock, QUIET_MS / 2, stop, read)) ?? (await within(clock, QUIET_MS / 2, stop, read));
    }
    for (const finding of decoder.idle()) {
      foundAt = clock.monotonic();
      yield { finding, receivedAt };
    }
  }
}
