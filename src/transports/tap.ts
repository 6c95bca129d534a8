import { LinkEnded } from '../model/errors.js';
import type { Link } from './link.js';

/** Somebody who listens in on a link. What it is given must not be changed. */
export interface Tap {
  /** A link is about to be opened. */
  opening(): void;
  /** It is open, or could not be opened. @param line such as `115200 8N1`, or the kind of link; undefined where there is none */
  opened(line: string | undefined): void;
  heard(bytes: Uint8Array): void;
  sent(bytes: Uint8Array): void;
  /** It is a recording, which has been played to its end. */
  ended(reason: string): void;
}

/** A link that tells all that goes over it. What its reader throws away unread is not told. */
export function tapped(link: Link, tap: Tap): Link {
  const telling = async <T>(call: Promise<T>): Promise<T> => {
    try {
      return await call;
    } catch (error) {
      if (error instanceof LinkEnded) tap.ended(error.message);
      throw error;
    }
  };
  return {
    read: async (signal) => {
      const bytes = await telling(link.read(signal));
      tap.heard(bytes);
      return bytes;
    },
    write: async (bytes, signal) => {
      tap.sent(bytes);
      await telling(link.write(bytes, signal));
    },
    discard: () => {
      link.discard();
    },
    close: () => link.close(),
  };
}

/** A tap that wants to know nothing, for those who want to know some of it. */
export const DEAF: Tap = {
  opening: () => undefined,
  opened: () => undefined,
  heard: () => undefined,
  sent: () => undefined,
  ended: () => undefined,
};
