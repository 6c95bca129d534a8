import type { Readable, Writable } from 'node:stream';
import { LinkError } from '../model/errors.js';
import type { Link } from './link.js';
import { UnreadBuffer } from './unread-buffer.js';
import { wait } from './wait.js';

/** The meter's end of a line. Readers come and go at the other, one at a time; what is sent while none is there is lost, as on a real one. */
export interface FarEnd {
  /** How a reader reaches it: the path of a serial port, or `host:port`. */
  readonly name: string;
  /**
   * Resolves when a reader has come. Calls do not overlap, and the link before is closed. A line that was unplugged is plugged in again.
   * @throws LinkError there can be no reader any more
   */
  accept(signal: AbortSignal): Promise<Link>;
  /** Pulls the plug: whoever reads loses the line, nobody else gets it until `accept` is called. Never throws. */
  unplug(): Promise<void>;
  /** Takes the line away for good; safe to call twice. Never throws. */
  close(): Promise<void>;
}

/** How a link over two streams is made. */
export interface StreamLinkOptions {
  readonly input: Readable;
  readonly output: Writable;
  /** What its loss is called by. */
  readonly lost: string;
  /** Ends both streams and whatever is behind them. */
  readonly close: () => Promise<void>;
}

/** A link to a reader that has come: it is lost when its input ends. */
export function streamLink({ input, output, lost, close }: StreamLinkOptions): Link {
  const unread = new UnreadBuffer();
  let wakeWriter: (() => void) | undefined;
  const end = (): void => {
    unread.end(new LinkError(lost));
    wakeWriter?.();
  };
  input.on('data', (bytes: Buffer) => {
    unread.push(bytes);
  });
  for (const event of ['end', 'close', 'error'] as const) input.on(event, end);
  output.on('error', end);
  return {
    read: (signal) => unread.read(signal),
    write: async (bytes, signal) => {
      signal.throwIfAborted();
      let sent = false;
      await wait(signal, (wake) => {
        wakeWriter = wake;
        output.write(bytes, (error) => {
          sent = !error;
          wake();
        });
        if (unread.lost) wake();
      });
      if (unread.lost && !sent) throw unread.lost;
      signal.throwIfAborted();
    },
    discard: () => {
      unread.discard();
    },
    close: async () => {
      end();
      await close();
    },
  };
}
