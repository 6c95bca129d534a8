import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from '../../pipeline/system-error.js';
import { replace } from './files.js';
import type { Gas } from './tables.js';

/** A file that is being written, as far as it is confirmed. */
export interface OpenFile {
  /** Below the folder, by the name that it will have. */
  readonly path: string;
  /** Which lines go into it: those with the same key. */
  readonly key: string;
  readonly header: readonly string[];
  /** What is confirmed; anything behind it comes again. */
  readonly bytes: number;
  /** Without the header. */
  readonly lines: number;
  /** Of the first reading that this program has put into it. */
  readonly firstAt: number;
  /** When its day is over; none where it has no day. */
  readonly endsAt?: number | undefined;
}

/** How far the files are. Saved after every batch, so that one that was cut off halfway is found out, cut off the files and written again. */
export interface Checkpoint {
  readonly version: 1;
  /** Of the last reading that is stored. */
  readonly sequence: number;
  /** The newest time that is stored of each device. */
  readonly newest: Readonly<Record<string, number>>;
  readonly gas: Gas;
  readonly files: readonly OpenFile[];
}

/** Before the first reading. */
export const EMPTY: Checkpoint = { version: 1, sequence: -1, newest: {}, gas: {}, files: [] };

/** The file of a template's checkpoint: hidden, and one for each template, so that environments may share a folder. */
export function checkpointPath(folder: string, template: string): string {
  return join(folder, `.${template.replaceAll(/[^A-Za-z0-9]+/g, '-')}.checkpoint`);
}

/** Reads the checkpoint. @returns undefined when there is none, or it is broken */
export async function loadCheckpoint(path: string): Promise<Checkpoint | undefined> {
  try {
    const read = JSON.parse(await readFile(path, 'utf8')) as Checkpoint;
    // It is ours, written as a whole: what has the version has the rest.
    return read.version === EMPTY.version ? read : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || (isSystemError(error) && error.code === 'ENOENT')) return undefined;
    throw error;
  }
}

/** Writes the checkpoint, whole or not at all. */
export async function saveCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  await replace(path, JSON.stringify(checkpoint));
}

/** Whether a reading is stored already: it comes again after a crash. One measured after all that is stored is new, whatever its sequence; so is one that is loaded from elsewhere, which has none. */
export function isStored(
  { sequence, newest }: Checkpoint,
  record: { readonly sequence: number; readonly at: number; readonly device: { readonly id: string } },
): boolean {
  return record.sequence > 0 && record.sequence <= sequence && record.at <= (newest[record.device.id] ?? -Infinity);
}
