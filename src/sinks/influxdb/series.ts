import type { FieldValue, Point } from '../../codecs/line-protocol.js';
import type { Unit } from '../../model/unit.js';
import type { Recorded } from '../../pipeline/sink.js';
import { select, type Selection } from '../selection.js';

/** A field of a measurement: which value it holds, and how. */
export interface Field extends Selection {
  readonly key: string;
  /** Written as an integer, which its type is then for good; other numbers are floats. */
  readonly integer?: true;
}

/** A measurement, and the fields that it has, in their order. */
export interface Series {
  readonly measurement: string;
  readonly fields: readonly Field[];
}

/** Makes the points of a reading; none where it has nothing that is wanted. */
export type Schema = (reading: Recorded) => readonly Point[];

/** What a field holds when it is read back: which property, and in which unit where that is declared; undefined when it is none of ours. */
export type Naming = (column: {
  readonly measurement: string;
  readonly field: string;
}) => { readonly path: string; readonly unit?: Unit | undefined } | undefined;

/** The measurements that are declared, with these tags and, where it is wanted, a tag `device`. */
export function declared(series: readonly Series[], tags: Readonly<Record<string, string>>, deviceTag: boolean): Schema {
  const sorted = sortedTags(tags, deviceTag);
  return (reading) =>
    series.flatMap(({ measurement, fields }) =>
      pointOf(
        measurement,
        sorted(reading),
        fields.map((field) => [field.key, valueOf(reading, field)] as const),
        reading,
      ),
    );
}

/**
 * Everything, in its own unit: a measurement for each node, a field for each property, both named like in the model with `_` for `-`. All numbers are floats, since
 * meters differ in which of them have decimals.
 * @param diagnostics whether also what is about the meter rather than about what it measures
 */
export function native(tags: Readonly<Record<string, string>>, diagnostics: boolean): Schema {
  const sorted = sortedTags(tags, true);
  return (reading) =>
    Object.entries(reading.device.nodes).flatMap(([node, { properties }]) => {
      const wanted = Object.entries(properties).filter(([, { diagnostic }]) => diagnostics || diagnostic !== true);
      const fields = wanted.map(([property]) => [underscored(property), reading.values[`${node}/${property}`]] as const);
      return pointOf(underscored(node), sorted(reading), fields, reading);
    });
}

/** What `declared` has written. */
export function declaredNames(series: readonly Series[]): Naming {
  return ({ measurement, field }) =>
    series.find((each) => each.measurement === measurement)?.fields.find(({ key }) => key === field);
}

/** What `native` has written. */
export const nativeNames: Naming = ({ measurement, field }) =>
  [measurement, field].every((name) => /^[a-z0-9_]+$/.test(name))
    ? { path: `${measurement}/${field}`.replaceAll('_', '-') }
    : undefined;

function valueOf(reading: Recorded, { integer, ...selection }: Field): FieldValue | undefined {
  const value = select(reading, selection);
  return integer && typeof value === 'number' ? BigInt(Math.round(value)) : value;
}

function pointOf(
  measurement: string,
  tags: Readonly<Record<string, string>>,
  fields: readonly (readonly [key: string, value: FieldValue | undefined])[],
  { at }: Recorded,
): readonly Point[] {
  const known = fields.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]));
  return known.length === 0 ? [] : [{ measurement, tags, fields: Object.fromEntries(known), at }];
}

/** Tags sorted by their keys, as InfluxDB wants them. */
function sortedTags(
  tags: Readonly<Record<string, string>>,
  deviceTag: boolean,
): (reading: Recorded) => Readonly<Record<string, string>> {
  return ({ device }) => {
    const all = deviceTag ? { device: device.id, ...tags } : tags;
    return Object.fromEntries(Object.entries(all).sort(([one], [other]) => (one < other ? -1 : 1)));
  };
}

function underscored(id: string): string {
  return id.replaceAll('-', '_');
}
