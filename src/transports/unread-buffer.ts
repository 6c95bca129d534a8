import type { LinkError } from '../model/errors.js';
import { MAX_UNREAD_BYTES } from './link.js';
import { wait } from './wait.js';

/** What arrived on a link and waits to be read: the reading half of every `Link`. At most `MAX_UNREAD_BYTES`, oldest dropped first. */
export class UnreadBuffer {
  #chunks: Uint8Array[] = [];
  #length = 0;
  #lost?: LinkError;
  #wakeReader?: () => void;

  /** Adds what has arrived. The buffer keeps `bytes` itself: the caller must not change them any more. */
  push(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    this.#length += bytes.length;
    this.#dropOldest();
    this.#wakeReader?.();
  }

  /**
   * Says that nothing more will come, and why.
   * @returns the reason that counts: the first one given
   */
  end(reason: LinkError): LinkError {
    this.#lost ??= reason;
    this.#wakeReader?.();
    return this.#lost;
  }

  /** Why nothing more will come; undefined while the link is up. */
  get lost(): LinkError | undefined {
    return this.#lost;
  }

  /** `Link.read`. */
  async read(signal: AbortSignal): Promise<Uint8Array> {
    for (;;) {
      signal.throwIfAborted();
      if (this.#length > 0) return this.#take();
      if (this.#lost) throw this.#lost;
      await wait(signal, (wake) => {
        this.#wakeReader = wake;
      });
    }
  }

  /** `Link.discard`. */
  discard(): void {
    this.#chunks = [];
    this.#length = 0;
  }

  #take(): Uint8Array {
    const [first, ...others] = this.#chunks;
    const bytes = first && others.length === 0 ? first : Buffer.concat(this.#chunks);
    this.discard();
    return bytes;
  }

  #dropOldest(): void {
    let excess = this.#length - MAX_UNREAD_BYTES;
    while (excess > 0) {
      const oldest = this.#chunks.shift() ?? new Uint8Array();
      const kept = oldest.subarray(excess);
      if (kept.length > 0) this.#chunks.unshift(kept);
      this.#length -= oldest.length - kept.length;
      excess -= oldest.length - kept.length;
    }
  }
}
