import type { Datatype } from '../model/device.js';
import type { Values } from '../model/reading.js';
import type { Unit } from '../model/unit.js';

/**
 * What a store offers to those who read back: commands, later a page. A kind of history that can be read declares `reader` beside `create`
 * (`defineHistory`); readers and writers of one store may be at work at the same time, in other processes too.
 *
 * Nothing is asked of the store beyond what was written: device ids, `node/property` paths and values are those of the readings, in their units.
 * All methods stop soon after `signal` aborts, and may be called one after the other, never at the same time.
 * @throws LinkError the store cannot be reached or read; there is no second attempt
 */
export interface HistoryReader {
  /** What is stored in the range, in the order of the devices' trees as far as the store knows it, else by name. It may name what the range holds no value of. */
  series(range: HistoryRange, signal: AbortSignal): Promise<readonly Series[]>;
  /**
   * What was measured, each once and as it was stored last: of each device in order of time, devices one after the other or mixed. Values of one
   * instant come together as far as the store keeps them together. Holds a bounded part of it in memory, however long the range is.
   */
  readings(range: HistoryRange, signal: AbortSignal): AsyncIterable<StoredReading>;
  /**
   * The same, summed up in intervals that the store keeps, in the same order. A store that keeps none leaves it out; undefined: it keeps none of this
   * resolution and time zone. Readers make them from `readings` then (`intervalsOf`).
   */
  intervals?(range: IntervalRange, signal: AbortSignal): AsyncIterable<StoredInterval> | undefined;
  close(): Promise<void>;
}

/** What is asked for. */
export interface HistoryRange {
  /** The id of one device; all where absent. */
  readonly device?: string | undefined;
  /** `node/property` paths; all where absent. */
  readonly paths?: readonly string[] | undefined;
  /** From this moment, itself included; milliseconds since 1970 UTC, -Infinity: from the first. */
  readonly from: number;
  /** Up to this moment, itself excluded; Infinity: to the last. */
  readonly to: number;
}

/** How fine: as it was measured, by the quarter of an hour, the day, the month. */
export const RESOLUTIONS = ['raw', '15m', '1d', '1M'] as const;

/** How fine, of those that sum up. */
export type IntervalResolution = Exclude<(typeof RESOLUTIONS)[number], 'raw'>;

/** What is asked for, summed up. Intervals that begin in the range are in it, whole. */
export interface IntervalRange extends HistoryRange {
  readonly resolution: IntervalResolution;
  /** An IANA time zone: days and months begin at its midnight. Quarters begin at those of UTC. */
  readonly timeZone: string;
}

/** A property that is stored of a device. */
export interface Series {
  readonly device: string;
  /** `node/property`. */
  readonly path: string;
  /** What it is; absent where the store does not know. */
  readonly datatype?: Datatype | undefined;
  readonly unit?: Unit | undefined;
}

/** What a device measured at one instant. Values have the types that they had in the reading. */
export interface StoredReading {
  readonly device: string;
  /** Milliseconds since 1970 UTC. */
  readonly at: number;
  readonly values: Values;
}

/** What numbers of one property were in an interval. Flags and texts are in none. */
export interface Summary {
  readonly count: number;
  /** The first and the last in time. */
  readonly first: number;
  readonly last: number;
  readonly min: number;
  readonly max: number;
  /** Of the values as they came, each weighing the same. */
  readonly mean: number;
}

/** What a device measured in an interval. */
export interface StoredInterval {
  readonly device: string;
  /** When it began and, excluded, ended; milliseconds since 1970 UTC. */
  readonly from: number;
  readonly to: number;
  readonly values: Readonly<Record<string, Summary>>;
}
