import {
  closeSync,
  fdatasync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Logger } from '../../model/ports.js';
import { cursorsIn, isSegment, scanSegment, SEGMENT_HEADER, type Extent, type Scanned } from './block.js';
import { nameOf, sequenceOf } from './names.js';
import type { Cursors, Devices } from './records.js';
import { GRIDS_MS } from './thin.js';
import { isSystemError } from '../system-error.js';

const datasync = promisify(fdatasync);

/** A file of the spool: blocks behind a header. */
export interface Segment extends Extent {
  readonly path: string;
  /** How coarse its readings are: an index of `GRIDS_MS`. */
  readonly level: number;
  readonly bytes: number;
}

/** A segment that was read. */
export interface LoadedSegment extends Scanned {
  readonly bytes: Buffer;
}

/** What segments are kept with. */
export interface SegmentsOptions {
  readonly folder: string;
  readonly log: Logger;
  readonly known: Devices;
  /** A segment is closed when it is so long. */
  readonly segmentBytes: number;
}

/** The part of the spool that is on disk: segments in the order of their sequences, of which the last is appended to. */
export class Segments {
  readonly #options: SegmentsOptions;
  #list: Segment[] = [];
  /** The file of the last segment, while it is appended to. */
  #file: number | undefined;
  /** What the newest block says about the sinks. */
  cursors: Cursors | undefined;
  /** How many stretches of bytes could not be read. */
  damaged = 0;

  constructor(options: SegmentsOptions) {
    this.#options = options;
  }

  /** Oldest first. */
  get list(): readonly Segment[] {
    return this.#list;
  }

  /** The sequence of the last reading on disk; 0 when there is none. */
  get last(): number {
    return Math.max(0, ...this.#list.map(({ last }) => last));
  }

  get bytes(): number {
    return this.#list.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Reads what is there: cuts a torn tail, sets aside what another version wrote. @throws what the system says about the folder */
  recover(): void {
    const { folder } = this.#options;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const names = readdirSync(folder).sort();
    for (const name of names.filter((each) => each.endsWith('.new'))) rmSync(join(folder, name));
    // What is coarser is older: the cursors of the newest come last.
    for (const level of [...GRIDS_MS.keys()].reverse()) {
      for (const name of names.filter((each) => sequenceOf(each, suffixOf(level)) !== undefined))
        this.#recoverSegment(name, level);
    }
    this.#list.sort((one, other) => one.first - other.first || other.level - one.level);
    this.#dropThinned();
  }

  /** Appends a block, to the page cache at least. @throws what the system says when there is no room; nothing is appended then */
  append(block: Buffer, extent: Extent): void {
    const segment = this.#openLast(extent.count === 0) ?? this.#begin(extent.count === 0 ? this.last + 1 : extent.first);
    this.#write(block, segment.bytes);
    this.#list[this.#list.length - 1] = {
      ...segment,
      last: Math.max(segment.last, extent.last),
      newestAt: Math.max(segment.newestAt, extent.newestAt),
      count: segment.count + extent.count,
      bytes: segment.bytes + block.length,
    };
  }

  /** Has what was appended survive a power cut. @throws what the system says */
  async sync(): Promise<void> {
    if (this.#file !== undefined) await datasync(this.#file);
  }

  /** Reads a segment. @returns undefined when it is gone */
  async load({ path }: Segment): Promise<LoadedSegment | undefined> {
    try {
      const bytes = await readFile(path);
      return { bytes, ...scanSegment(bytes) };
    } catch (error) {
      if (!isSystemError(error)) throw error;
      this.#list = this.#list.filter((segment) => segment.path !== path);
      return undefined;
    }
  }

  /** Replaces segments by one with less in it, or by none. */
  replace(segments: readonly Segment[], by?: Segment): void {
    const gone = new Set(segments.map(({ path }) => path));
    if (gone.has(this.#list.at(-1)?.path ?? '')) this.close();
    const before = this.#list.findIndex(({ path }) => gone.has(path));
    this.#list = this.#list.filter(({ path }) => !gone.has(path));
    if (by) this.#list.splice(before, 0, by);
    for (const path of gone) rmSync(path, { force: true });
  }

  /** Writes a segment as a whole, or not at all. @throws what the system says */
  writeCoarser(level: number, block: Buffer, extent: Extent): Segment {
    const path = join(this.#options.folder, nameOf(extent.first, suffixOf(level)));
    const file = openSync(`${path}.new`, 'w', 0o600);
    try {
      writeSync(file, SEGMENT_HEADER);
      writeSync(file, block);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(`${path}.new`, path);
    return { path, level, ...extent, bytes: SEGMENT_HEADER.length + block.length };
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  /** The last segment, opened where it was not, when there is room in it. What was torn behind its last block is cut off. */
  #openLast(whateverItsSize: boolean): Segment | undefined {
    const last = this.#list.at(-1);
    if (!last || last.level > 0 || (last.bytes >= this.#options.segmentBytes && !whateverItsSize)) return undefined;
    if (this.#file === undefined) {
      this.#file = openSync(last.path, 'r+');
      ftruncateSync(this.#file, last.bytes);
    }
    return last;
  }

  #begin(first: number): Segment {
    const { folder } = this.#options;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.close();
    const path = join(folder, nameOf(first, suffixOf(0)));
    const file = openSync(path, 'w', 0o600);
    try {
      writeSync(file, SEGMENT_HEADER);
      syncFolder(folder);
    } catch (error) {
      closeSync(file);
      rmSync(path, { force: true });
      throw error;
    }
    this.#file = file;
    const segment = { path, level: 0, first, last: first, count: 0, newestAt: 0, bytes: SEGMENT_HEADER.length };
    this.#list.push(segment);
    return segment;
  }

  #write(bytes: Buffer, at: number): void {
    const file = this.#file;
    if (file === undefined) return;
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(file, bytes, written, bytes.length - written, at + written);
    } catch (error) {
      if (isSystemError(error)) ftruncateSync(file, at);
      throw error;
    }
  }

  #recoverSegment(name: string, level: number): void {
    const { folder, log, known } = this.#options;
    const path = join(folder, name);
    const bytes = readFileSync(path);
    // Torn before it had as much as a header.
    if (SEGMENT_HEADER.subarray(0, bytes.length).equals(bytes)) {
      rmSync(path);
      return;
    }
    if (!isSegment(bytes)) {
      log.warn('readings that another version of this program kept are set aside', { path, aside: `${path}.aside` });
      renameSync(path, `${path}.aside`);
      return;
    }
    const { blocks, end, damaged } = scanSegment(bytes);
    this.damaged += damaged + (end < bytes.length ? 1 : 0);
    const [first, last] = [blocks.find(({ count }) => count > 0)?.first, blocks.at(-1)];
    if (!last) {
      rmSync(path);
      return;
    }
    this.cursors = cursorsIn(bytes, last, known) ?? this.cursors;
    const sum = blocks.reduce(
      (all, block) => ({
        last: Math.max(all.last, block.last),
        count: all.count + block.count,
        newestAt: Math.max(all.newestAt, block.newestAt),
      }),
      { last: 0, count: 0, newestAt: 0 },
    );
    this.#list.push({ path, level, first: first ?? sequenceOf(name, suffixOf(level)) ?? 0, ...sum, bytes: end });
  }

  /** A crash between writing the coarser segment and removing what it replaces leaves both. */
  #dropThinned(): void {
    let coarser: Segment | undefined;
    for (const segment of this.#list) {
      if (coarser && segment.level < coarser.level && segment.first <= coarser.last) this.replace([segment]);
      else coarser = segment.level > 0 ? segment : coarser;
    }
  }
}

function suffixOf(level: number): string {
  return `.${level}.spool`;
}

/** A file's name is safe only when its folder is. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
