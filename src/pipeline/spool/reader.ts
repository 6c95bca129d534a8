import type { Recorded } from '../sink.js';
import { decodeBlock } from './block.js';
import type { Journals } from './journals.js';
import type { Devices } from './records.js';
import type { LoadedSegment, Segment, Segments } from './segments.js';

/** Some readings in order. */
export interface Portion {
  readonly records: readonly Recorded[];
  /** The sequence up to which there are no others. */
  readonly upTo: number;
}

/** Reads the spool in order for one sink, from the disk and from the journals. Holds a segment at the most, and nothing where the sink keeps up. */
export class SpoolReader {
  readonly #segments: Segments;
  readonly #journals: Journals;
  readonly #known: Devices;
  #loaded: (LoadedSegment & { readonly path: string; readonly of: number }) | undefined;
  #block: { readonly last: number; readonly records: readonly Recorded[] } | undefined;

  constructor(segments: Segments, journals: Journals, known: Devices) {
    this.#segments = segments;
    this.#journals = journals;
    this.#known = known;
  }

  /** The readings that follow a sequence, up to so many, and where to go on: beyond the last of them where what follows is damaged. */
  async read(after: number, limit: number): Promise<Portion> {
    const records: Recorded[] = [];
    let position = after;
    while (records.length < limit) {
      const more = await this.#next(position, limit - records.length);
      if (more === undefined) break;
      records.push(...more.records);
      position = more.upTo;
    }
    return { records, upTo: position };
  }

  /** What follows in one block or one journal, perhaps nothing; undefined when there is no more of them. */
  async #next(after: number, limit: number): Promise<Portion | undefined> {
    const segment = this.#segments.list.find(({ last }) => last > after);
    const source = segment ? await this.#blockOf(segment, after) : this.#journals.after(after);
    if (!segment) this.#forget();
    if (!source) return undefined;
    const records = source.records.slice(indexAfter(source.records, after)).slice(0, limit);
    return { records, upTo: records.at(-1)?.sequence ?? ('last' in source ? source.last : after) };
  }

  async #blockOf(segment: Segment, after: number): Promise<{ readonly last: number; readonly records: readonly Recorded[] }> {
    if (this.#block && this.#block.last > after && indexAfter(this.#block.records, after) > 0) return this.#block;
    const nothing = { last: segment.last, records: [] };
    if (this.#loaded?.path !== segment.path || this.#loaded.of !== segment.bytes) {
      const loaded = await this.#segments.load(segment);
      if (!loaded) return { last: after, records: [] };
      this.#loaded = { ...loaded, path: segment.path, of: segment.bytes };
    }
    const { bytes, blocks } = this.#loaded;
    const block = blocks.find(({ last }) => last > after);
    // Damaged since the spool was opened.
    if (!block) return nothing;
    const records = decodeBlock(bytes, block, this.#known)?.records ?? [];
    return (this.#block = { last: block.last, records });
  }

  #forget(): void {
    this.#loaded = undefined;
    this.#block = undefined;
  }
}

/** Where the readings after a sequence begin. */
function indexAfter(records: readonly Recorded[], sequence: number): number {
  let [low, high] = [0, records.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((records[middle]?.sequence ?? 0) > sequence) high = middle;
    else low = middle + 1;
  }
  return low;
}
