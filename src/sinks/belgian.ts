import type { Selection } from './selection.js';

const KWH = { unit: 'kWh', decimals: 3 } as const;
const KW = { unit: 'kW', decimals: 3 } as const;
const PHASES = [1, 2, 3];

/** What readers of Belgian meters store of electricity, by their keys in their order: 19 values. */
export const BELGIAN_ELECTRICITY: Readonly<Record<string, Selection>> = {
  total_consumption_day: { path: 'energy/used-tariff-1', ...KWH },
  total_consumption_night: { path: 'energy/used-tariff-2', ...KWH },
  total_injection_day: { path: 'energy/delivered-tariff-1', ...KWH },
  total_injection_night: { path: 'energy/delivered-tariff-2', ...KWH },
  actual_tariff: { path: 'tariff/current' },
  actual_total_consumption: { path: 'power/current-usage', ...KW },
  actual_total_injection: { path: 'power/current-delivery', ...KW },
  ...ofPhases('actual_l#_consumption', { path: 'power/current-usage-l#', ...KW }),
  ...ofPhases('actual_l#_injection', { path: 'power/current-delivery-l#', ...KW }),
  ...ofPhases('l#_voltage', { path: 'grid/voltage-l#', unit: 'V' }),
  ...ofPhases('l#_current', { path: 'grid/current-l#', unit: 'A' }),
};

/** What they store of gas, at a time of its own. */
export const BELGIAN_GAS: Readonly<Record<string, Selection>> = {
  total_gas_consumption: { path: 'gas/volume', unit: 'm³', decimals: 3 },
};

/** A row for each phase: `#` is its number. */
function ofPhases(key: string, selection: Selection): Record<string, Selection> {
  const rows = PHASES.map((phase) => {
    const numbered = (text: string): string => text.replace('#', String(phase));
    return [numbered(key), { ...selection, path: numbered(selection.path) }] as const;
  });
  return Object.fromEntries(rows);
}
