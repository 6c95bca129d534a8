import { stampPrinter } from '../codecs/p1/time.js';
import type { Json } from '../model/ports.js';
import type { Unit } from '../model/unit.js';
import { select, type Selection } from './selection.js';
import type { JsonObject, Layout, Snapshot } from './layout.js';

/** How the layout is written. */
export interface TeleOptions {
  /** Of the meter's clock, for the times. */
  readonly timeZone: string;
  /** Whether what is a number of one tariff or one phase is an array of one, so that consumers need not tell. */
  readonly arrayAlways: boolean;
}

/** Several values for one key. */
interface Group {
  readonly paths: readonly string[];
  readonly unit?: Unit;
  readonly decimals: number;
}

const ENERGY = { unit: 'kWh', decimals: 3 } as const;
const REACTIVE_ENERGY = { unit: 'kvarh', decimals: 3 } as const;
const POWER = { unit: 'kW', decimals: 3 } as const;
const REACTIVE_POWER = { unit: 'kvar', decimals: 3 } as const;
const VOLTAGE = { unit: 'V', decimals: 1 } as const;
const CURRENT = { unit: 'A', decimals: 0 } as const;

const TARIFFS = [1, 2, 3, 4];
const PHASES = [1, 2, 3];
const QUADRANTS = [1, 2, 3, 4];

const IMPORT = { paths: ['energy/imported-total', ...TARIFFS.map((n) => `energy/used-tariff-${n}`)], ...ENERGY };
const EXPORT = { paths: ['energy/delivered-total', ...TARIFFS.map((n) => `energy/delivered-tariff-${n}`)], ...ENERGY };

/**
 * The layout that readers of Tasmota-like Hungarian meters publish and CSV scripts read, with all of its keys in its order. Values are converted to its
 * units and rounded to its decimals: three for energy and power, one for voltage, none for current. What the meter does not say is left out.
 */
export function teleLayout({ timeZone, arrayAlways }: TeleOptions): Layout {
  const print = stampPrinter(timeZone);
  return (snapshot) => {
    const one = (path: string, how: Omit<Selection, 'path'> = {}): Json | undefined => select(snapshot, { path, ...how });
    const all = (group: Group): readonly Json[] | undefined => selectAll(snapshot, group);
    // A single tariff or phase is written as a number.
    const oneOrAll = (group: Group, single: boolean): Json | undefined => {
      const values = all(group);
      return single && !arrayAlways ? values?.[0] : values;
    };
    const isSingleTariff = (path: string): boolean => !snapshot.values[path];
    const isSinglePhase = (path: string): boolean => snapshot.values[path] === undefined;
    return {
      MeterName: one('meter/model'),
      CosemName: one('identity/logical-device-name'),
      MeterID: one('identity/equipment-id'),
      Time: snapshot.measuredAt === undefined ? undefined : print(snapshot.measuredAt),
      Tariff: one('tariff/current'),
      State: one('supply/breaker'),
      MaxPower: one('supply/limit', POWER),
      ImportPower: oneOrAll(IMPORT, isSingleTariff('energy/used-tariff-1')),
      ExportPower: oneOrAll(EXPORT, isSingleTariff('energy/delivered-tariff-1')),
      ImportReactivePower: one('energy/reactive-imported-total', REACTIVE_ENERGY),
      ExportReactivePower: one('energy/reactive-exported-total', REACTIVE_ENERGY),
      ReactivePower: all({ paths: QUADRANTS.map((n) => `energy/reactive-q${n}-total`), ...REACTIVE_ENERGY }),
      EffectivePower: one('energy/absolute-total', ENERGY),
      Voltage: oneOrAll({ paths: PHASES.map((n) => `grid/voltage-l${n}`), ...VOLTAGE }, isSinglePhase('grid/voltage-l2')),
      Current: oneOrAll({ paths: PHASES.map((n) => `grid/current-l${n}`), ...CURRENT }, isSinglePhase('grid/current-l2')),
      PowerFactor: one('power/factor', { decimals: 3 }),
      PowerFactorsByPhase: all({ paths: PHASES.map((n) => `power/factor-l${n}`), decimals: 3 }),
      Frequency: one('grid/frequency', { decimals: 2 }),
      CurrentImport: one('power/current-usage', POWER),
      CurrentExport: one('power/current-delivery', POWER),
      CurrentReactivePower: all({ paths: QUADRANTS.map((n) => `power/reactive-q${n}`), ...REACTIVE_POWER }),
      LastMonth: unlessEmpty(lastMonth(snapshot, print)),
      Message: one('messages/text'),
    };
  };
}

function lastMonth(snapshot: Snapshot, print: (instant: number) => string): JsonObject {
  const one = (property: string, how: Omit<Selection, 'path'>): Json | undefined =>
    select(snapshot, { path: `month-end/${property}`, ...how });
  const all = (properties: readonly string[], how: Omit<Group, 'paths'>): readonly Json[] | undefined =>
    selectAll(snapshot, { paths: properties.map((property) => `month-end/${property}`), ...how });
  const at = Date.parse(String(snapshot.values['month-end/measured-at']));
  return {
    Time: Number.isNaN(at) ? undefined : print(at),
    ImportPower: all(['imported-total', 'used-tariff-1', 'used-tariff-2'], ENERGY),
    ExportPower: all(['delivered-total', 'delivered-tariff-1', 'delivered-tariff-2'], ENERGY),
    ImportReactivePower: one('reactive-imported-total', REACTIVE_ENERGY),
    ExportReactivePower: one('reactive-exported-total', REACTIVE_ENERGY),
    ReactivePower: all(
      QUADRANTS.map((n) => `reactive-q${n}-total`),
      REACTIVE_ENERGY,
    ),
    EffectivePower: one('absolute-total', ENERGY),
    MaxImport: all(['peak-import', 'peak-import-tariff-1', 'peak-import-tariff-2'], POWER),
    MaxExport: all(['peak-export', 'peak-export-tariff-1', 'peak-export-tariff-2'], POWER),
  };
}

/** The values up to the first that is not known, so that each stands at its place; undefined when that is the first of all. */
function selectAll(snapshot: Snapshot, { paths, ...how }: Group): readonly Json[] | undefined {
  const values: Json[] = [];
  for (const path of paths) {
    const value = select(snapshot, { path, ...how });
    if (value === undefined) break;
    values.push(value);
  }
  return values.length > 0 ? values : undefined;
}

function unlessEmpty(object: JsonObject): JsonObject | undefined {
  return Object.values(object).some((value) => value !== undefined) ? object : undefined;
}
