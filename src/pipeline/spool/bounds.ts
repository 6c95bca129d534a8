import { setImmediate } from 'node:timers/promises';
import type { Recorded } from '../sink.js';
import { decodeBlock, encodeBlock, extentOf } from './block.js';
import { RecordEncoder, type Devices } from './records.js';
import type { Segment, Segments } from './segments.js';
import { GRIDS_MS, thin } from './thin.js';

/** How many segments become one at a time. */
const GROUP = 8;

/** What became of readings for want of room. */
export interface Given {
  /** Left out in favour of coarser samples. */
  readonly thinned: number;
  /** Given up. */
  readonly dropped: number;
}

/** What the segments may be. */
export interface Bounds {
  readonly maxBytes: number;
  /** What was received before is given up, milliseconds since 1970 UTC. */
  readonly oldestAt: number;
}

/**
 * Makes room where segments hold too much: the oldest are made coarser, step by step. Each coarseness has its share of the room, so
 * that the newest readings stay as they came; only the oldest of the coarsest are given up. The last segment, which is appended to, is left alone.
 * @throws what the system says when it cannot be done
 */
export async function makeRoom(segments: Segments, known: Devices, { maxBytes, oldestAt }: Bounds): Promise<Given> {
  const given = { thinned: 0, dropped: 0 };
  const drop = (gone: readonly Segment[]): void => {
    given.dropped += gone.reduce((sum, { count }) => sum + count, 0);
    segments.replace(gone);
  };
  drop(segments.list.filter(({ count, newestAt }) => count > 0 && newestAt < oldestAt));
  while (segments.bytes > maxBytes && segments.list.length > 1) {
    const candidates = segments.list.slice(0, -1);
    const level = levelToThin(candidates, maxBytes / GRIDS_MS.length);
    const group = candidates.filter((segment) => segment.level === level).slice(0, GROUP);
    const gridMs = GRIDS_MS[level + 1];
    if (gridMs === undefined) drop(group.slice(0, 1));
    else given.thinned += await coarsen(segments, known, group, gridMs);
  }
  return given;
}

/** The coarsest that takes more than its share, else the finest that there is. */
function levelToThin(candidates: readonly Segment[], shareBytes: number): number {
  const bytesOf = (level: number): number =>
    candidates.filter((segment) => segment.level === level).reduce((sum, { bytes }) => sum + bytes, 0);
  const levels = [...GRIDS_MS.keys()];
  return levels.findLast((level) => bytesOf(level) > shareBytes) ?? levels.find((level) => bytesOf(level) > 0) ?? 0;
}

/** Replaces segments by one of their readings in coarser steps. @returns how many readings were left out */
async function coarsen(segments: Segments, known: Devices, group: readonly Segment[], gridMs: number): Promise<number> {
  const kept: Recorded[] = [];
  for (const segment of group) {
    const loaded = await segments.load(segment);
    for (const block of loaded?.blocks ?? []) {
      kept.push(...thin(decodeBlock(loaded?.bytes ?? Buffer.alloc(0), block, known)?.records ?? [], gridMs));
      // Others want their share of the processor.
      await setImmediate();
    }
  }
  const records = thin(kept, gridMs);
  const level = (group[0]?.level ?? 0) + 1;
  // Sinks may have gone on meanwhile: what they have by now is gone.
  const rest = group.filter((segment) => segments.list.includes(segment));
  if (rest.length === 0) return 0;
  segments.replace(rest, records.length === 0 ? undefined : writeSegment(segments, known, records, level));
  return group.reduce((sum, { count }) => sum + count, 0) - records.length;
}

function writeSegment(segments: Segments, known: Devices, records: readonly Recorded[], level: number): Segment {
  const encoder = new RecordEncoder(known);
  const extent = extentOf(records);
  return segments.writeCoarser(
    level,
    encodeBlock(extent, Buffer.concat(records.map((record) => encoder.encode(record)))),
    extent,
  );
}
