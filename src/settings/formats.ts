import type { DailyHours, Format, FormatValues, Setting } from '../model/settings.js';
import type { Written } from './written.js';

/** How the values of a format are recognised, and what is said when one is not. */
interface FormatRule<Value> {
  readonly expected: string;
  /** The value, from what TOML holds; undefined when it is none of this format. Nothing is coerced. */
  readonly parse: (written: unknown) => Value | undefined;
  /** What TOML would hold, from an environment variable's text; texts stay what they are where this is absent. */
  readonly fromText?: (text: string) => unknown;
  /** A bound as it would be written. */
  readonly bound?: (limit: number) => string;
}

/** Milliseconds in each unit that a duration may be written in, largest first. */
const DURATION_UNITS = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const;

/** The longest duration: timers of Node are signed 32-bit milliseconds, and fire at once beyond that. */
const MAX_DURATION_MS = 596 * DURATION_UNITS.h;

/** Between a thousandth and a thousand times as fast; beyond that timers are too coarse, and "max" does without them. */
const MIN_SPEED = 0.001;
const MAX_SPEED = 1_000;

const FORMATS: { readonly [F in keyof FormatValues]: FormatRule<FormatValues[F]> } = {
  text: { expected: 'a text', parse: (written) => matching(written, /\S/) },
  boolean: {
    expected: 'true or false',
    parse: (written) => (typeof written === 'boolean' ? written : undefined),
    fromText: (text) => ({ true: true, false: false })[text] ?? text,
  },
  integer: {
    expected: 'an integer',
    parse: (written) => (Number.isSafeInteger(written) ? Number(written) : undefined),
    fromText: (text) => (/^-?\d{1,15}$/.test(text) ? Number(text) : text),
    bound: String,
  },
  speed: {
    expected: 'a number such as 1 or 100, or "max"',
    parse: parseSpeed,
    fromText: (text) => (text === 'max' ? text : Number(text)),
  },
  duration: { expected: 'a duration such as 500ms, 2s, 10m or 1h', parse: parseDuration, bound: printDuration },
  key: {
    expected: '32 hexadecimal digits (16 bytes)',
    parse: (written) => {
      const digits = matching(written, /^[0-9a-f]{32}$/i);
      return digits === undefined ? undefined : Uint8Array.from(Buffer.from(digits, 'hex'));
    },
  },
  'mqtt-url': {
    expected: 'mqtt://host:port or mqtts://host:port, without user and password, which are keys of their own',
    parse: parseMqttUrl,
  },
  'http-url': {
    expected: 'http://host:port/path or https://…, without user and password, which are keys of their own',
    parse: parseHttpUrl,
  },
  id: {
    expected: 'an id of lower-case letters, digits and hyphens, without a hyphen at either end',
    parse: (written) => matching(written, /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/),
  },
  topic: {
    expected: 'an MQTT topic, without + and # and not beginning with $',
    // MQTT 3.1.1, section 4.7.
    parse: (written) => matching(written, /^[^$+#\p{Cc}][^+#\p{Cc}]*$/u),
  },
  'time-zone': { expected: 'a time zone such as Europe/Vienna', parse: parseTimeZone },
  'daily-hours': { expected: 'hours of the day such as 22:00-06:00', parse: parseDailyHours },
};

/** The value that a setting has, from what was written; undefined when that is not what the setting expects. */
export function parseValue(setting: Setting, written: unknown): unknown {
  if (isWords(setting.format)) return setting.format.find((word) => word === written);
  const value = FORMATS[setting.format].parse(written);
  if (typeof value !== 'number') return value;
  const { min = -Infinity, max = Infinity } = limitsOf(setting);
  return value < min || value > max ? undefined : value;
}

/** What TOML would hold for a setting: what was written, except that a variable's text is read first. */
export function valueWritten({ format }: Setting, { value, source }: Written): unknown {
  if (!source.text || isWords(format)) return value;
  return FORMATS[format].fromText?.(String(value)) ?? value;
}

/** What a setting expects, in words that finish the sentence "expected …". */
export function expectation(setting: Setting): string {
  if (isWords(setting.format)) return setting.format.map((word) => JSON.stringify(word)).join(' or ');
  const { expected, bound } = FORMATS[setting.format];
  const { min, max } = limitsOf(setting);
  if (!bound) return expected;
  if (min !== undefined && max !== undefined) return `${expected}, from ${bound(min)} to ${bound(max)}`;
  if (min !== undefined) return `${expected}, at least ${bound(min)}`;
  return max === undefined ? expected : `${expected}, at most ${bound(max)}`;
}

/** Whether a format is a list of words. */
export function isWords(format: Format): format is readonly string[] {
  return typeof format !== 'string';
}

function limitsOf({ format, min, max }: Setting): { readonly min: number | undefined; readonly max: number | undefined } {
  return format === 'duration' ? { min, max: max ?? MAX_DURATION_MS } : { min, max };
}

function matching(written: unknown, pattern: RegExp): string | undefined {
  return typeof written === 'string' && pattern.test(written) ? written : undefined;
}

function parseDuration(written: unknown): number | undefined {
  const [, digits, unit] = /^(\d{1,12})(ms|s|m|h)$/.exec(typeof written === 'string' ? written : '') ?? [];
  if (unit !== 'ms' && unit !== 's' && unit !== 'm' && unit !== 'h') return undefined;
  return Number(digits) * DURATION_UNITS[unit];
}

/** How many times faster than it was; "max": without waiting at all. */
export function parseSpeed(written: unknown): number | undefined {
  if (written === 'max') return Infinity;
  return typeof written === 'number' && written >= MIN_SPEED && written <= MAX_SPEED ? written : undefined;
}

function printDuration(ms: number): string {
  const [unit, unitMs] = Object.entries(DURATION_UNITS).find(([, each]) => ms % each === 0) ?? ['ms', 1];
  return `${ms / unitMs}${unit}`;
}

function parseMqttUrl(written: unknown): string | undefined {
  const text = matching(written, /^mqtts?:\/\/[^/?#@\s]+\/?$/);
  if (text === undefined || !URL.canParse(text)) return undefined;
  const { hostname, port } = new URL(text);
  return hostname !== '' && port !== '0' ? text : undefined;
}

function parseHttpUrl(written: unknown): string | undefined {
  const text = matching(written, /^https?:\/\/[^/?#@\s]+(\/[^#\s]*)?$/);
  if (text === undefined || !URL.canParse(text)) return undefined;
  return new URL(text).port === '0' ? undefined : text;
}

/** Offsets such as `+01:00`, which newer versions of Node take for time zones, know no daylight saving. */
function parseTimeZone(written: unknown): string | undefined {
  const name = matching(written, /^[A-Za-z]/);
  if (name === undefined) return undefined;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return name;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return undefined;
  }
}

function parseDailyHours(written: unknown): DailyHours | undefined {
  const [fromMinute, toMinute] = (matching(written, /^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/) ?? '')
    .split('-')
    .map((time) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3)));
  if (fromMinute === undefined || toMinute === undefined || fromMinute === toMinute) return undefined;
  return { fromMinute, toMinute };
}
