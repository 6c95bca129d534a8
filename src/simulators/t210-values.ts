import type { TelegramObject } from '../codecs/p1/telegram.js';
import type { HouseholdState } from './household.js';

/** The registers that a T210 sends after version and time, in its order, with their units. */
export const T210_REGISTERS = {
  '1-0:1.8.0': 'Wh',
  '1-0:1.8.1': 'Wh',
  '1-0:1.8.2': 'Wh',
  '1-0:1.7.0': 'W',
  '1-0:2.8.0': 'Wh',
  '1-0:2.8.1': 'Wh',
  '1-0:2.8.2': 'Wh',
  '1-0:2.7.0': 'W',
  '1-0:3.8.0': 'varh',
  '1-0:3.8.1': 'varh',
  '1-0:3.8.2': 'varh',
  '1-0:3.7.0': 'var',
  '1-0:4.8.0': 'varh',
  '1-0:4.8.1': 'varh',
  '1-0:4.8.2': 'varh',
  '1-0:4.7.0': 'var',
} as const satisfies Record<string, 'Wh' | 'W' | 'varh' | 'var'>;

/** OBIS code of a register. */
export type T210Register = keyof typeof T210_REGISTERS;

/** What a T210 has counted and measures: integers of at most 9 digits, in the units of `T210_REGISTERS`. */
export type T210Values = Readonly<Record<T210Register, number>>;

/** A made-up household after some months. */
export const FIRST_VALUES: T210Values = {
  '1-0:1.8.0': 4_204_204,
  '1-0:1.8.1': 3_003_003,
  '1-0:1.8.2': 1_201_201,
  '1-0:1.7.0': 420,
  '1-0:2.8.0': 70_007,
  '1-0:2.8.1': 50_005,
  '1-0:2.8.2': 20_002,
  '1-0:2.7.0': 0,
  '1-0:3.8.0': 6_006,
  '1-0:3.8.1': 4_004,
  '1-0:3.8.2': 2_002,
  '1-0:3.7.0': 0,
  '1-0:4.8.0': 909_009,
  '1-0:4.8.1': 808_008,
  '1-0:4.8.2': 101_001,
  '1-0:4.7.0': 160,
};

/** The household some time later: it imports or exports, with a power that `random` picks, and counts what flowed in tariff 1. */
export function laterValues(values: T210Values, random: () => number): T210Values {
  const net = Math.floor(random() * 6_000) - 2_000;
  const imported = Math.max(net, 0);
  const exported = Math.max(-net, 0);
  const reactive = Math.floor(random() * 400);
  const count = (total: number, power: number): number => total + Math.ceil(power / 360);
  return {
    ...values,
    '1-0:1.7.0': imported,
    '1-0:1.8.0': count(values['1-0:1.8.0'], imported),
    '1-0:1.8.1': count(values['1-0:1.8.1'], imported),
    '1-0:2.7.0': exported,
    '1-0:2.8.0': count(values['1-0:2.8.0'], exported),
    '1-0:2.8.1': count(values['1-0:2.8.1'], exported),
    '1-0:4.7.0': reactive,
    '1-0:4.8.0': count(values['1-0:4.8.0'], reactive),
    '1-0:4.8.1': count(values['1-0:4.8.1'], reactive),
  };
}

/** What the meter of a household shows. Its second tariff is that of the night. */
export function householdValues({
  netW,
  importWh: [low, normal],
  exportWh: [exportLow, exportNormal],
}: HouseholdState): T210Values {
  return {
    ...FIRST_VALUES,
    '1-0:1.8.0': low + normal,
    '1-0:1.8.1': normal,
    '1-0:1.8.2': low,
    '1-0:1.7.0': Math.max(netW, 0),
    '1-0:2.8.0': exportLow + exportNormal,
    '1-0:2.8.1': exportNormal,
    '1-0:2.8.2': exportLow,
    '1-0:2.7.0': Math.max(-netW, 0),
  };
}

/** The objects of a T210's telegram. */
export function t210Objects(stamp: string, values: T210Values): TelegramObject[] {
  const registers = Object.entries(T210_REGISTERS).map(([obis, unit]) => {
    const value = values[obis as T210Register];
    return { obis, contents: [`${String(value).padStart(9, '0')}*${unit}`] };
  });
  return [{ obis: '1-3:0.2.8', contents: ['50'] }, { obis: '0-0:1.0.0', contents: [stamp] }, ...registers];
}
