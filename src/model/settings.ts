/**
 * How components declare their settings: plain data, from which validation, types, `check` and documentation derive.
 * The value types the formats stand for are in `FormatValues`; parsing lives in `settings/`.
 */
export interface FormatValues {
  text: string;
  boolean: boolean;
  integer: number;
  /** Written `500ms`, `2s`, `10m`, `1h`; milliseconds here. */
  duration: number;
  /** Written 1 or 0.5 or "max": Infinity here. */
  speed: number;
  /** 16 bytes, written as 32 hexadecimal digits. */
  key: Uint8Array;
  /** `mqtt://host[:port]` or `mqtts://…`, without user and password. */
  'mqtt-url': string;
  /** `http://host[:port][/path][?query]` or `https://…`, without user, password and fragment. */
  'http-url': string;
  /** An id as Homie 4.0.0 "Topic IDs" allows it: `[a-z0-9-]`, no hyphen at either end. */
  id: string;
  /** A topic that MQTT messages are sent to: without wildcards, and none of the broker's own, which begin with `$`. */
  topic: string;
  /** An IANA time zone that this Node knows. */
  'time-zone': string;
  /** A part of every day, written `22:00-06:00`. */
  'daily-hours': DailyHours;
}

/** A part of every day, in minutes from midnight: from the first inclusive to the second exclusive, over midnight where that is the smaller one. */
export interface DailyHours {
  readonly fromMinute: number;
  readonly toMinute: number;
}

/** What a setting may be: one of the formats, or one of the listed words. */
export type Format = keyof FormatValues | readonly string[];

/** One key. Without `default` and `optional` it is required. `min` and `max` bound integers and durations (ms), both inclusive. */
export interface Setting {
  readonly doc: string;
  readonly format: Format;
  readonly default?: string | number | boolean;
  readonly optional?: true;
  /** Never shown, and accepted only from a secrets file, a credential or the process environment. */
  readonly sensitive?: true;
  readonly min?: number;
  readonly max?: number;
}

/** A section whose keys depend on its key `type`. */
export interface Choice {
  readonly choice: Readonly<Record<string, Section>>;
  /** The type that is meant when none is given. */
  readonly default: string;
}

/** A section whose values default to those of the top-level section of that name, where they are set for all. */
export interface Inherited {
  readonly inherits: string;
  readonly section: Section;
}

/** A section whose keys users name: each is a setting of this kind. They consist of letters, digits, `_` and `-`. */
export interface Table {
  readonly each: Setting;
}

/** A section of settings: snake_case key → setting or subsection. */
export interface Section {
  readonly [key: string]: Setting | Choice | Inherited | Table | Section;
}

type ValueOf<F extends Format> = F extends keyof FormatValues ? FormatValues[F] : F extends readonly string[] ? F[number] : never;

type SettingValue<S extends Setting> = S extends { readonly optional: true }
  ? ValueOf<S['format']> | undefined
  : ValueOf<S['format']>;

/** The values that a declared section has after validation: every default filled in, absent optional ones and tables without a key `undefined`. */
export type SettingsOf<S> = {
  readonly [K in keyof S]: S[K] extends Setting
    ? SettingValue<S[K]>
    : S[K] extends { readonly choice: infer C }
      ? { [T in keyof C]: SettingsOf<C[T]> & { readonly type: T } }[keyof C]
      : S[K] extends { readonly inherits: string; readonly section: infer I }
        ? SettingsOf<I>
        : S[K] extends { readonly each: infer E extends Setting }
          ? Readonly<Record<string, ValueOf<E['format']>>> | undefined
          : SettingsOf<S[K]>;
};

/** Declares a section and keeps its literal formats, so that `SettingsOf` knows the value types. */
export function defineSettings<const S extends Section>(section: S): S {
  return section;
}
