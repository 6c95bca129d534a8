import { LinkError } from '../model/errors.js';
import type { Link } from './link.js';

/** How the characters on a serial line are made. */
export interface LineSettings {
  readonly baudRate: number;
  readonly dataBits: 7 | 8;
  readonly parity: 'none' | 'even' | 'odd';
  readonly stopBits: 1 | 2;
}

/**
 * Opens a serial port.
 * @throws LinkError the port cannot be opened, with what to do about it
 */
export function openSerial(path: string, line: LineSettings, signal: AbortSignal): Promise<Link> {
  signal.throwIfAborted();
  return Promise.reject(new LinkError(`cannot open ${path} at ${line.baudRate} baud`));
}
