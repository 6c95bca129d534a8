import type { Values } from '../../model/reading.js';

/** What the demand of a running period is projected from, in watts. */
export interface RunningDemand {
  /** The energy of the period so far, as the average power that it would make of the whole period. e-MUCS P1 1.3, 1-0:1.4.0; IEC 62056-6-2, "Demand register". */
  readonly demand: number;
  /** What is imported now. */
  readonly power: number;
  /** Highest demand of this month so far; undefined where the meter does not tell. */
  readonly peak: number | undefined;
  /** A peak below this costs nothing. */
  readonly floor: number;
  /** The meter's own time, milliseconds since 1970 UTC. */
  readonly measuredAt: number;
  readonly periodSeconds: number;
}

/** Belgium bills by the quarter of an hour, as does whoever does not say otherwise. */
export const QUARTER_SECONDS = 900;

/** At its beginning the demand of a period is nothing but the power of that moment: a kettle is no reason for a warning. */
const SETTLED_MS = 60_000;

/**
 * The demand that the period will end with if the power stays as it is, and whether that is a new peak of the month.
 * Periods begin at full multiples of their length, by the meter's clock.
 */
export function projectDemand({ demand, power, peak, floor, measuredAt, periodSeconds }: RunningDemand): Values {
  const periodMs = periodSeconds * 1_000;
  const elapsedMs = measuredAt % periodMs;
  const projected = Math.round(demand + (power * (periodMs - elapsedMs)) / periodMs);
  if (peak === undefined) return { 'demand/projected': projected };
  const warning = elapsedMs >= SETTLED_MS && projected > Math.max(peak, floor);
  return { 'demand/projected': projected, 'demand/warning': warning };
}
