/** Where a meter may be. */
export interface Place {
  /** As it was named: a path, or `host:port`. */
  readonly name: string;
  readonly link: SerialPlace | TcpPlace;
}

/** At a serial port, under the path that the settings should name. */
export interface SerialPlace {
  readonly type: 'serial';
  readonly path: string;
}

/** At a TCP port. */
export interface TcpPlace {
  readonly type: 'tcp';
  readonly host: string;
  readonly port: number;
}

/** What was found at a place. Plain data: it is what `--json` prints. */
export type Finding = P1Finding | HeatFinding | HeadFinding | NothingFinding;

interface Found {
  readonly place: Place;
  /** Such as `115200 8N1`; the kind of link where it has no line of ours. */
  readonly line: string;
}

/** A meter with a P1 port. */
export interface P1Finding extends Found, P1Meter {
  readonly kind: 'p1';
}

/** What was heard of a meter with a P1 port. */
export interface P1Meter {
  readonly encrypted: boolean;
  readonly manufacturer?: string;
  /** The header of its telegrams. */
  readonly model?: string;
  readonly serial?: string;
  readonly telegrams: number;
  /** Damaged or incomplete frames, and what else was no telegram. */
  readonly damaged: number;
  /** Seconds between telegrams; unknown before the second. */
  readonly everySeconds?: number;
  readonly objects: readonly SeenObject[];
}

/** An object of a plain telegram. */
export interface SeenObject {
  readonly obis: string;
  /** `node/property`, where it is known. */
  readonly property?: string;
  /** What its brackets held last. */
  readonly contents: readonly string[];
  /** In how many telegrams it was, and in how many it was another than before. */
  readonly seen: number;
  readonly changed: number;
}

/** A heat meter under an infrared head. */
export interface HeatFinding extends Found {
  readonly kind: 'kamstrup';
  readonly manufacturer: string;
  readonly model?: string;
  readonly serial: string;
  readonly registers: readonly { readonly id: number; readonly property: string; readonly value: string }[];
}

/** An infrared head that hears itself, or a meter that it does not hear well. */
export interface HeadFinding extends Found {
  readonly kind: 'head';
  readonly hears: 'echo' | 'damaged';
}

/** No meter. */
export interface NothingFinding {
  readonly kind: 'nothing';
  readonly place: Place;
  /** Whether the place could be reached at all. */
  readonly reached: boolean;
  /** How many bytes were heard, that make no sense. */
  readonly bytes: number;
  /** Why, and what to do about it. */
  readonly detail: string;
}
