import type { Recorded } from '../sink.js';

/** How coarse readings are kept when there is no room for all, in milliseconds: as they came, then one a minute, a quarter of an hour, an hour. */
export const GRIDS_MS = [0, 60_000, 900_000, 3_600_000] as const;

/**
 * Keeps of each meter the last reading in every interval of its measured time. Readings with other properties are other readings: what a
 * sub-meter says once an hour is not lost among what the meter says every second.
 * @returns those kept, in their order
 */
export function thin(records: readonly Recorded[], gridMs: number): readonly Recorded[] {
  const last = new Map(records.map((record) => [slotOf(record, gridMs), record]));
  return records.filter((record) => last.get(slotOf(record, gridMs)) === record);
}

/** What readings have in common of which one is enough. */
export function slotOf({ device, values, at }: Recorded, gridMs: number): string {
  return [device.id, Math.floor(at / gridMs), ...Object.keys(values)].join('\n');
}
