import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Recorded } from '../sink.js';
import { decodeRecords, type Cursors, type Decoded, type Devices } from './records.js';

/** What a segment begins with. Another format has another number. */
export const SEGMENT_HEADER = Buffer.from('smart-meter-reader spool 1\n', 'latin1');

/**
 * A block, all numbers little-endian: magic (4 bytes), CRC-32 of all that follows, length of what is compressed, count of readings (4 bytes each), first
 * and last sequence, newest time of receipt (doubles); then a stream of records, deflated. It is read without any other: a damaged one costs only itself.
 */
const BLOCK = { magic: 0, crc: 4, length: 8, count: 12, first: 16, last: 24, newestAt: 32, header: 40 } as const;
const MAGIC = Buffer.from('SMRb', 'latin1');

/** No block is larger: a length beyond is damage. */
const MAX_PAYLOAD = 2 ** 24;

/** What a block says about its readings without being decompressed. A block without readings holds cursors only. */
export interface Extent {
  readonly count: number;
  /** The first and the last sequence. */
  readonly first: number;
  readonly last: number;
  /** The newest time of receipt, milliseconds since 1970 UTC. */
  readonly newestAt: number;
}

/** Where a block lies in a segment. */
export interface Located extends Extent {
  readonly from: number;
  readonly to: number;
}

/** What a segment holds. */
export interface Scanned {
  readonly blocks: readonly Located[];
  /** Where the last block ends: what follows was torn, by a power cut or a full disk. */
  readonly end: number;
  /** How many stretches between blocks hold none. */
  readonly damaged: number;
}

/** What some records are a block of; all of it zero where there are none. */
export function extentOf(records: readonly Pick<Recorded, 'sequence' | 'receivedAt'>[]): Extent {
  const newestAt = records.reduce((newest, { receivedAt }) => Math.max(newest, receivedAt), -Infinity);
  const [first, last] = [records[0]?.sequence ?? 0, records.at(-1)?.sequence ?? 0];
  return { count: records.length, first, last, newestAt: records.length === 0 ? 0 : newestAt };
}

/** Makes a block of a stream. */
export function encodeBlock({ count, first, last, newestAt }: Extent, stream: Buffer): Buffer {
  const payload = deflateRawSync(stream);
  const block = Buffer.alloc(BLOCK.header + payload.length);
  block.set(MAGIC, BLOCK.magic);
  block.writeUInt32LE(payload.length, BLOCK.length);
  block.writeUInt32LE(count, BLOCK.count);
  block.writeDoubleLE(first, BLOCK.first);
  block.writeDoubleLE(last, BLOCK.last);
  block.writeDoubleLE(newestAt, BLOCK.newestAt);
  block.set(payload, BLOCK.header);
  block.writeUInt32LE(crc32(block.subarray(BLOCK.length)), BLOCK.crc);
  return block;
}

/** Whether bytes begin like a segment that this program understands. */
export function isSegment(bytes: Buffer): boolean {
  return bytes.subarray(0, SEGMENT_HEADER.length).equals(SEGMENT_HEADER);
}

/** Finds the blocks of a segment, whatever lies between them. */
export function scanSegment(bytes: Buffer): Scanned {
  const blocks: Located[] = [];
  let damaged = 0;
  let end = SEGMENT_HEADER.length;
  for (let from = bytes.indexOf(MAGIC, end); from >= 0;) {
    const block = blockAt(bytes, from);
    if (block) {
      if (from > end) damaged += 1;
      blocks.push(block);
      end = block.to;
    }
    from = bytes.indexOf(MAGIC, block ? end : from + 1);
  }
  return { blocks, end, damaged };
}

/** What a block holds. @returns undefined when it is sound and yet makes no sense, which only another program can have written */
export function decodeBlock(bytes: Buffer, { from, to }: Located, known: Devices): Decoded | undefined {
  try {
    return decodeRecords(inflateRawSync(bytes.subarray(from + BLOCK.header, to)), known);
  } catch (error) {
    const isForeign = error instanceof RangeError || error instanceof SyntaxError || (error instanceof Error && 'errno' in error);
    if (!isForeign) throw error;
    return undefined;
  }
}

/** The cursors that a block says. */
export function cursorsIn(bytes: Buffer, block: Located, known: Devices): Cursors | undefined {
  return decodeBlock(bytes, block, known)?.cursors;
}

function blockAt(bytes: Buffer, from: number): Located | undefined {
  if (from + BLOCK.header > bytes.length) return undefined;
  const length = bytes.readUInt32LE(from + BLOCK.length);
  const to = from + BLOCK.header + length;
  if (length > MAX_PAYLOAD || to > bytes.length) return undefined;
  if (crc32(bytes.subarray(from + BLOCK.length, to)) !== bytes.readUInt32LE(from + BLOCK.crc)) return undefined;
  return {
    from,
    to,
    count: bytes.readUInt32LE(from + BLOCK.count),
    first: bytes.readDoubleLE(from + BLOCK.first),
    last: bytes.readDoubleLE(from + BLOCK.last),
    newestAt: bytes.readDoubleLE(from + BLOCK.newestAt),
  };
}
