import { measureApdu } from '../dlms/ciphering.js';
import { MAX_FRAME_BYTES, TelegramMeter } from './extent.js';

/** Where a frame stands in a recording. */
export interface FoundFrame {
  readonly kind: 'apdu' | 'telegram';
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/**
 * The frames in all that was heard, each by its length field or its end, whether they are intact or not. For those who have all of it: what comes piece by piece is for a decoder.
 * @param isApdu whether an APDU is one, where its keys can tell; what begins like one by chance is searched again
 */
export function findFrames(bytes: Uint8Array, isApdu: (apdu: Uint8Array) => boolean = () => true): FoundFrame[] {
  const found: FoundFrame[] = [];
  for (let start = 0; start < bytes.length; start++) {
    const frame = frameAt(bytes, start);
    if (!frame || (frame.kind === 'apdu' && !isApdu(bytes.subarray(start, frame.end)))) continue;
    found.push(frame);
    start = frame.end - 1;
  }
  return found;
}

function frameAt(bytes: Uint8Array, start: number): FoundFrame | undefined {
  const length = measureApdu(bytes, start, bytes.length);
  if (typeof length === 'number' && length <= MAX_FRAME_BYTES && start + length <= bytes.length)
    return { kind: 'apdu', start, end: start + length };
  const telegram = bytes[start] === 0x2f ? new TelegramMeter().measure(bytes, start, bytes.length, true) : 'none';
  return typeof telegram === 'number' ? { kind: 'telegram', start, end: start + telegram } : undefined;
}
