import type { PropertyPath } from '../../model/device.js';
import type { heatMeter } from '../../model/models/heat-meter.js';
import type { Unit } from '../../model/unit.js';

/** Where a register's value goes. */
export interface RegisterRow {
  readonly id: number;
  readonly to: PropertyPath<typeof heatMeter>;
  /** What a plain number counts there: a Multical 21 sends its hours without a unit. */
  readonly plainNumber?: Unit;
}

/**
 * The registers that are read, as Kamstrup 5512-447 numbers them. Exactly as many as one request may ask for: a ninth costs every
 * poll a second request, and the meter's battery with it.
 */
export const REGISTERS = [
  { id: 60, to: 'energy/imported-total' },
  { id: 68, to: 'flow/volume' },
  { id: 74, to: 'flow/flow' },
  { id: 80, to: 'power/current-usage' },
  { id: 86, to: 'temperatures/temp1' },
  { id: 87, to: 'temperatures/temp2' },
  { id: 89, to: 'temperatures/temp-diff' },
  { id: 1004, to: 'ops/hour-counter', plainNumber: 'h' },
] as const satisfies readonly RegisterRow[];

/** The types that GetType is known to answer with. Kamstrup 5512-447, "GetType". */
export const TYPES: Readonly<Record<number, string>> = {
  0x0001: 'Multical 601 Pt500',
  0x0004: 'Multical 601 Pt100',
  0x0005: 'Multical 601 four-wire',
};
