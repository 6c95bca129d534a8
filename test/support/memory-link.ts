import { LinkError } from '../../src/model/errors.js';
import type { Link } from '../../src/transports/link.js';
import { UnreadBuffer } from '../../src/transports/unread-buffer.js';

/** Two links that are each other's far end, such as a client's and its meter's, without a device in between. */
export interface MemoryLinks {
  readonly near: Link;
  readonly far: Link;
  /** Pulls the cable: both ends throw a LinkError once what had arrived is read. */
  lose(reason?: string): void;
}

/** Lays a cable. Bytes arrive in the chunks in which they were written. An end that is closed no longer reads; the other end then hears nothing, as on a serial line. */
export function memoryLinks(): MemoryLinks {
  const toNear = new UnreadBuffer();
  const toFar = new UnreadBuffer();
  return {
    near: memoryLink(toNear, toFar),
    far: memoryLink(toFar, toNear),
    lose: (reason = 'the cable was pulled') => {
      toNear.end(new LinkError(reason));
      toFar.end(new LinkError(reason));
    },
  };
}

function memoryLink(incoming: UnreadBuffer, outgoing: UnreadBuffer): Link {
  return {
    read: (signal) => incoming.read(signal),
    write: async (bytes, signal) => {
      signal.throwIfAborted();
      if (incoming.lost) throw incoming.lost;
      outgoing.push(bytes.slice());
      await Promise.resolve();
    },
    discard: () => {
      incoming.discard();
    },
    close: () => {
      incoming.end(new LinkError('the link was closed'));
      return Promise.resolve();
    },
  };
}
