/**
 * A stream of bytes to and from a meter. A link is opened once and never reopens itself: when it is lost, `read` and `write` throw, and the
 * pipeline has a new one made. What arrived and nobody read is bounded by `MAX_UNREAD_BYTES`, oldest dropped first.
 */
export interface Link {
  /**
   * Resolves with all that has arrived since the last read, as soon as that is at least one byte. Reads do not overlap; an aborted read loses nothing.
   * @throws LinkError the link was lost, with the reason, after all that had arrived before was read
   */
  read(signal: AbortSignal): Promise<Uint8Array>;
  /**
   * Sends bytes and resolves when they have left.
   * @throws LinkError the link was lost
   */
  write(bytes: Uint8Array, signal: AbortSignal): Promise<void>;
  /** Throws away what has arrived and was not yet read. */
  discard(): void;
  /** Closes the link; safe to call twice and after a loss. Never throws. */
  close(): Promise<void>;
}

/** A minute of the fastest P1 port's telegrams; more can only pile up behind a program that hangs. */
export const MAX_UNREAD_BYTES = 65_536;
