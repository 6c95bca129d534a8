import type { Device } from '../model/device.js';
import type { Json } from '../model/ports.js';
import type { Values } from '../model/reading.js';
import { select, type Selection } from './selection.js';

/** What a message is made of: what the meter said, and beside it the newest of what it says at times of its own. */
export interface Snapshot {
  readonly device: Device;
  readonly values: Values;
  /** By the meter's clock, milliseconds since 1970 UTC. */
  readonly measuredAt?: number;
}

/** A JSON object by its keys, in their order; a key without a value is left out. */
export type JsonObject = Readonly<Record<string, Json | undefined>>;

/** Makes the object of a message. */
export type Layout = (snapshot: Snapshot) => JsonObject;

/** Every value, as `{ node: { property: value } }` in the order of the device. */
export const byNode: Layout = ({ device, values }) =>
  Object.fromEntries(
    Object.entries(device.nodes).flatMap(([node, { properties }]) => {
      const known = Object.keys(properties).flatMap((property) => {
        const value = values[`${node}/${property}`];
        return value === undefined ? [] : [[property, value]];
      });
      return known.length === 0 ? [] : [[node, Object.fromEntries(known)]];
    }),
  );

/** The values that are selected, by the keys that they are selected for. */
export function byKeys(keys: Readonly<Record<string, Selection>>): Layout {
  return (snapshot) => Object.fromEntries(Object.entries(keys).map(([key, selection]) => [key, select(snapshot, selection)]));
}
