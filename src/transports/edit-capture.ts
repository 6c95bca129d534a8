import type { Capture, CaptureDirection } from './capture.js';

/** Bytes that others take the place of, counted over all that went one way. `end` is exclusive. */
export interface CaptureEdit {
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

/** All that went one way, in one. */
export function bytesOf({ chunks }: Capture, way: CaptureDirection): Uint8Array {
  return Buffer.concat(chunks.flatMap(({ direction, bytes }) => (direction === way ? [bytes] : [])));
}

/**
 * A capture with other bytes at the same times. Where the new ones are more or fewer than the old, the chunk in which the edit ends takes the difference.
 * @param edits for each way in order, and without overlaps
 */
export function withEdits(capture: Capture, edits: Readonly<Record<CaptureDirection, readonly CaptureEdit[]>>): Capture {
  const passed = { from: 0, to: 0 };
  const chunks = capture.chunks.map((chunk) => {
    const start = passed[chunk.direction];
    const end = start + chunk.bytes.length;
    passed[chunk.direction] = end;
    return { ...chunk, bytes: edited(chunk.bytes, start, edits[chunk.direction]) };
  });
  return { ...capture, chunks: chunks.filter(({ bytes }) => bytes.length > 0) };
}

/** The bytes of one chunk, which begins at `start`. */
function edited(bytes: Uint8Array, start: number, edits: readonly CaptureEdit[]): Uint8Array {
  const end = start + bytes.length;
  const parts: Uint8Array[] = [];
  let at = start;
  for (const edit of edits.filter((each) => each.start < end && each.end > start)) {
    parts.push(bytes.subarray(at - start, Math.max(0, edit.start - start)));
    const from = Math.max(0, start - edit.start);
    parts.push(edit.end > end ? edit.bytes.subarray(from, end - edit.start) : edit.bytes.subarray(from));
    at = Math.min(edit.end, end);
  }
  parts.push(bytes.subarray(at - start));
  return Buffer.concat(parts);
}
