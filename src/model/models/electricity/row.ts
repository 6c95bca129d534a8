import type { Property } from '../../device.js';

/** One row of the catalogue: a property, the object that it is read from, and who says so. */
export interface Row extends Property {
  /** `A-B:C.D.E`; absent where the value is computed. */
  readonly obis?: string;
  readonly node: string;
  readonly property: string;
  /** Of a value with a time of its own, sent in the bracket before: the property that shows that time. */
  readonly timeProperty?: string;
  /** The document, or the way it is computed. */
  readonly source: string;
}

/** What the rows of a group have in common. */
export type Common = Omit<Property, 'name'> & Pick<Row, 'node'>;

/** A row in short. */
export type Line = readonly [obis: string, property: string, name: string, source: string];

/** P1 companion standards. e-MUCS (Belgium) holds all of DSMR 5, whose rows it does not repeat. */
export const SOURCES = {
  dsmr: 'DSMR 5.0.2',
  dsmr3: 'DSMR 3.0',
  emucs: 'e-MUCS P1 1.3',
  lu: 'Luxmetering P1 1.1.3',
  se: 'Swedenergy H1',
  hu: 'E.ON Hungary (capture)',
  lt: 'ESO customer interface',
  at: 'T210-D-r (capture)',
  ie: 'Iskra MT, Ireland (capture)',
  ch: 'Sagemcom XT211, Groupe E (capture)',
  obis: 'IEC 62056-61',
} as const;

/** Rows that differ in their object, id and name alone. */
export function rows(common: Common, lines: readonly Line[]): Row[] {
  return lines.map(([obis, property, name, source]) => ({ ...common, obis, property, name, source }));
}

/** OBIS: the C of the second and third phase is 20 and 40 more than that of the first. IEC 62056-61, table "value group C". */
const C_STEP = 20;

/** The rows of the three phases, each written for the first with its C in braces: `1-0:{21}.7.0`. */
export function phases(common: Common, lines: readonly Line[]): Row[] {
  return [1, 2, 3].flatMap((phase) =>
    rows(
      common,
      lines.map(([obis, property, name, source]) => [
        obis.replace(/\{(\d+)\}/, (_, c: string) => String(Number(c) + C_STEP * (phase - 1))),
        `${property}-l${phase}`,
        `${name}, L${phase}`,
        source,
      ]),
    ),
  );
}
