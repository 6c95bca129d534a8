import type { FaultKind } from '../model/reading.js';

/** Bytes that looked like a frame and were none, as a value: noise on a wire is normal. */
export interface FrameError {
  readonly kind: 'error';
  readonly what: FaultKind;
  /** What was seen, in words that a user can act on; never a key. */
  readonly detail: string;
  readonly bytes: Uint8Array;
}

/** Something that a decoder found intact. */
export interface Decoded<Frame> {
  readonly kind: 'frame';
  readonly frame: Frame;
}

/**
 * Finds frames in a stream of bytes. Pure: no clock, no I/O, no log.
 *
 * The same bytes give the same frames however they are cut. A decoder holds at most one frame of maximum length; after a failure it re-scans
 * from the byte after the false start, so that a lost byte costs one frame. A frame with a bad checksum or tag is a `FrameError`: none of its
 * values leaves the decoder.
 */
export interface Decoder<Frame> {
  /** Takes what a link delivered. Never throws. */
  push(chunk: Uint8Array): readonly (Decoded<Frame> | FrameError)[];
  /** The line was quiet: whatever is incomplete stays so. Ends it and re-scans what it held, so that a damaged length swallows nothing. */
  idle(): readonly (Decoded<Frame> | FrameError)[];
}
