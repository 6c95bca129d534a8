import { parseValue } from '../../codecs/p1/value.js';
import type { Telegram } from '../../codecs/p1/telegram.js';
import { propertyAt, type PropertyPath } from '../../model/device.js';
import { electricityMeter } from '../../model/models/electricity-meter.js';
import { convert, type Unit } from '../../model/unit.js';

type Path = PropertyPath<typeof electricityMeter>;

/** OBIS code → property. */
export const OBJECTS = {
  '1-0:1.8.0': 'energy/imported-total',
  '1-0:1.8.1': 'energy/used-tariff-1',
  '1-0:1.8.2': 'energy/used-tariff-2',
  '1-0:1.7.0': 'power/current-usage',
  '1-0:2.8.0': 'energy/delivered-total',
  '1-0:2.8.1': 'energy/delivered-tariff-1',
  '1-0:2.8.2': 'energy/delivered-tariff-2',
  '1-0:2.7.0': 'power/current-delivery',
  '1-0:3.8.0': 'energy/reactive-imported-total',
  '1-0:3.8.1': 'energy/reactive-imported-tariff-1',
  '1-0:3.8.2': 'energy/reactive-imported-tariff-2',
  '1-0:3.7.0': 'power/reactive-import',
  '1-0:4.8.0': 'energy/reactive-exported-total',
  '1-0:4.8.1': 'energy/reactive-exported-tariff-1',
  '1-0:4.8.2': 'energy/reactive-exported-tariff-2',
  '1-0:4.7.0': 'power/reactive-export',
} as const satisfies Record<string, Path>;

/** Objects that say something about the telegram or the meter rather than a value. */
const ABOUT = {
  '1-3:0.2.8': 'version',
  '0-0:1.0.0': 'stamp',
  '0-0:96.1.0': 'serial',
  '0-0:96.1.1': 'serial',
} as const satisfies Record<string, 'version' | 'stamp' | 'serial'>;

/** Units as telegrams spell them, in lower case, since meters do not agree on one. */
const SPELLINGS = {
  wh: 'Wh',
  kwh: 'kWh',
  w: 'W',
  kw: 'kW',
  varh: 'varh',
  kvarh: 'kvarh',
  var: 'var',
  kvar: 'kvar',
} as const satisfies Record<string, Unit>;

/** Why an object gave no value. */
export type LeftOutReason = 'unknown object' | 'not a number' | 'unknown unit' | 'finer than its unit';

/** An object that gave no value. */
export interface LeftOut {
  readonly obis: string;
  readonly content: string;
  readonly reason: LeftOutReason;
}

/** What a telegram says. */
export interface Mapped {
  /** In the units of the catalogue, all of them integers. */
  readonly values: Readonly<Partial<Record<Path, number>>>;
  /** The telegram's own time, as sent. */
  readonly stamp?: string;
  /** Equipment identifier, as printed on the meter. */
  readonly serial?: string;
  readonly leftOut: readonly LeftOut[];
}

interface Target {
  readonly path: Path;
  readonly unit: Unit;
}

const TARGETS: ReadonlyMap<string, Target> = new Map(
  Object.entries(OBJECTS).flatMap(([obis, path]) => {
    const unit = propertyAt(electricityMeter, path)?.unit;
    return unit ? [[obis, { path, unit }]] : [];
  }),
);

/** The usual spellings beside those in lower case. */
const UNITS_BY_SPELLING: ReadonlyMap<string, Unit> = new Map(
  Object.entries(SPELLINGS).flatMap(([spelling, unit]) => [
    [spelling, unit],
    [unit, unit],
  ]),
);

const ROLES: ReadonlyMap<string, (typeof ABOUT)[keyof typeof ABOUT]> = new Map(Object.entries(ABOUT));

/** Turns the objects of a telegram into the values of an electricity meter. What cannot be read is left out, never zero. */
export function mapTelegram({ objects }: Telegram): Mapped {
  const values: Partial<Record<Path, number>> = {};
  const about: { stamp?: string; serial?: string } = {};
  const leftOut: LeftOut[] = [];
  for (const { obis, contents } of objects) {
    const content = contents.length === 1 ? (contents[0] ?? '') : contents.join(')(');
    const target = TARGETS.get(obis);
    const role = target ? undefined : ROLES.get(obis);
    if (role === 'stamp') about.stamp = content;
    if (role === 'serial' && content !== '') about.serial ??= readText(content);
    if (role !== undefined) continue;
    const value = target ? readValue(content, target.unit) : 'unknown object';
    if (typeof value === 'string') leftOut.push({ obis, content, reason: value });
    else if (target) values[target.path] = value;
  }
  const usage = values['power/current-usage'];
  const delivery = values['power/current-delivery'];
  if (usage !== undefined && delivery !== undefined) values['power/net-usage'] = usage - delivery;
  return { values, ...about, leftOut };
}

function readValue(content: string, to: Unit): number | LeftOutReason {
  const sent = parseValue(content);
  if (!sent) return 'not a number';
  const unit = UNITS_BY_SPELLING.get(sent.unit) ?? UNITS_BY_SPELLING.get(sent.unit.toLowerCase());
  const value = unit && convert(sent, unit, to);
  if (value === undefined) return 'unknown unit';
  return Number.isSafeInteger(value) ? value : 'finer than its unit';
}

/** A text that meters send as the hexadecimal digits of its ASCII characters, or, some of them, as it is. */
function readText(content: string): string {
  const decoded = Buffer.from(content, 'hex').toString('latin1');
  const isHex = decoded.length * 2 === content.length && /^[\x20-\x7e]+$/.test(decoded);
  return (isHex ? decoded : content).trim();
}
