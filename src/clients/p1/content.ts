import { parseValue, type SentValue } from '../../codecs/p1/value.js';
import { scale } from '../../model/decimal.js';
import type { Property } from '../../model/device.js';
import { convert, UNITS, type Unit, type UnitFamily } from '../../model/unit.js';

/** Why an object gave no value. */
export type LeftOutReason =
  'unknown object' | 'not a number' | 'unknown unit' | 'finer than its unit' | 'twice in the telegram' | 'not understood';

/** Content that cannot be read. */
export interface Unreadable {
  readonly reason: LeftOutReason;
}

/** What reads the content of a bracket. Undefined: it is empty, and says nothing. */
export type ReadContent = (content: string) => number | string | Unreadable | undefined;

/** Units as telegrams spell them, in lower case, since meters do not agree on one. */
const SPELLINGS = {
  wh: 'Wh', kwh: 'kWh', mwh: 'MWh',
  w: 'W', kw: 'kW',
  varh: 'varh', kvarh: 'kvarh',
  var: 'var', kvar: 'kvar',
  va: 'VA', kva: 'kVA',
  vah: 'VAh', kvah: 'kVAh',
  v: 'V', a: 'A', hz: 'Hz', s: 's',
  m3: 'm³', dm3: 'l', l: 'l',
  gj: 'GJ', mj: 'MJ', kj: 'kJ',
} as const satisfies Record<string, Unit>; // prettier-ignore

/** Beside those in lower case the usual spellings, so that most are found at once. */
const UNITS_BY_SPELLING: ReadonlyMap<string, Unit> = new Map(
  Object.entries(SPELLINGS).flatMap(([spelling, unit]) => [
    [spelling, unit],
    [unit, unit],
    [unit.replace('var', 'VAr'), unit],
  ]),
);

/**
 * What a number without a unit is in, where that is certain: the specifications write a thousand watts with three decimals, and volts as they are.
 * DSMR 5.0.2 P1 Companion Standard, "Representation of COSEM objects".
 */
const UNSAID: Readonly<Partial<Record<UnitFamily, { readonly unit: Unit; readonly decimals?: number }>>> = {
  Wh: { unit: 'kWh', decimals: 3 },
  W: { unit: 'kW', decimals: 3 },
  varh: { unit: 'kvarh', decimals: 3 },
  var: { unit: 'kvar', decimals: 3 },
  VA: { unit: 'kVA', decimals: 3 },
  V: { unit: 'V' },
  A: { unit: 'A' },
  Hz: { unit: 'Hz' },
};

const NOT_A_NUMBER: Unreadable = { reason: 'not a number' };
const UNKNOWN_UNIT: Unreadable = { reason: 'unknown unit' };
const TOO_FINE: Unreadable = { reason: 'finer than its unit' };

/** Whether a content could not be read. */
export function isUnreadable(value: unknown): value is Unreadable {
  return typeof value === 'object' && value !== null;
}

/** The unit of a value as it is spelt in a telegram; undefined where it is none that is known, or where there is none. */
export function unitOf({ unit }: SentValue): Unit | undefined {
  return UNITS_BY_SPELLING.get(unit) ?? UNITS_BY_SPELLING.get(unit.toLowerCase());
}

/** The reader of a property's content. @param alone no other property could be meant, so that a missing unit may be told from the number */
export function readerOf({ datatype, unit, quantity }: Property, alone: boolean): ReadContent {
  const isWhole = datatype === 'integer';
  if (unit !== undefined) {
    return measuredReader(unit, isWhole, alone ? UNSAID[UNITS[unit].family] : undefined);
  }
  if (quantity === 'text') return readText;
  if (datatype === 'string') return (content) => content || undefined;
  return (content) => (content === '' ? undefined : readPlain(content, isWhole));
}

/** Remembers how the unit was spelt last, which is how it is spelt next time. */
function measuredReader(to: Unit, isWhole: boolean, unsaid: (typeof UNSAID)[UnitFamily]): ReadContent {
  let spelt: { readonly unit: string; readonly as: Unit | undefined } = { unit: to, as: to };
  return (content) => {
    const sent = parseValue(content);
    if (!sent) return NOT_A_NUMBER;
    if (sent.unit !== spelt.unit) spelt = { unit: sent.unit, as: unitOf(sent) };
    const isUnsaid = sent.unit === '' && (unsaid?.decimals === undefined || sent.exponent === -unsaid.decimals);
    const unit = isUnsaid ? unsaid?.unit : spelt.as;
    const value = unit && convert(sent, unit, to);
    if (value === undefined) return UNKNOWN_UNIT;
    return isWhole && !Number.isSafeInteger(value) ? TOO_FINE : value;
  };
}

function readPlain(content: string, isWhole: boolean): number | Unreadable {
  const sent = parseValue(content);
  if (sent?.unit !== '') return NOT_A_NUMBER;
  const value = scale(sent.integer, sent.exponent);
  return isWhole && !Number.isSafeInteger(value) ? NOT_A_NUMBER : value;
}

const PRINTABLE = /^[\x20-\x7e]+$/;

/** A text that meters send as the hexadecimal digits of its ASCII characters, or, some of them, as it is. Blanks around it are not part of it. */
export function readText(content: string): string {
  const decoded = Buffer.from(content, 'hex').toString('latin1');
  const isHex = decoded.length * 2 === content.length && PRINTABLE.test(decoded);
  return (isHex ? decoded : content).trim();
}
