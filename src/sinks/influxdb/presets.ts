import type { Unit } from '../../model/unit.js';
import { BELGIAN_ELECTRICITY, BELGIAN_GAS } from '../belgian.js';
import type { Selection } from '../selection.js';
import type { Field, Series } from './series.js';

/** Fields that are all in one unit. */
function fields(unit: Unit, keys: Readonly<Record<string, string>>): readonly Field[] {
  return Object.entries(keys).map(([key, path]) => ({ key, path, unit }));
}

/** Fields of a table that other stores share; tariffs are integers. */
function shared(selections: Readonly<Record<string, Selection>>): readonly Field[] {
  return Object.entries(selections).map(([key, selection]) => ({
    key,
    ...selection,
    ...(selection.path === 'tariff/current' && { integer: true as const }),
  }));
}

/** Layouts that dashboards of other programs are made for. None of them has tags: they are for one meter. */
export const PRESETS = {
  /** That of readers of Belgian meters. */
  belgian: [
    { measurement: 'electricity', fields: shared(BELGIAN_ELECTRICITY) },
    { measurement: 'gas', fields: shared(BELGIAN_GAS) },
  ],
  /** That of DSMR-reader, as it is before somebody changes it there. Currents are integers. */
  'dsmr-reader': [
    {
      measurement: 'electricity_live',
      fields: fields('kW', { currently_delivered: 'power/current-usage', currently_returned: 'power/current-delivery' }),
    },
    {
      measurement: 'electricity_positions',
      fields: fields('kWh', {
        delivered_1: 'energy/used-tariff-1',
        returned_1: 'energy/delivered-tariff-1',
        delivered_2: 'energy/used-tariff-2',
        returned_2: 'energy/delivered-tariff-2',
      }),
    },
    {
      measurement: 'electricity_voltage',
      fields: fields('V', { phase_l1: 'grid/voltage-l1', phase_l2: 'grid/voltage-l2', phase_l3: 'grid/voltage-l3' }),
    },
    {
      measurement: 'electricity_phases',
      fields: fields('kW', {
        currently_delivered_l1: 'power/current-usage-l1',
        currently_delivered_l2: 'power/current-usage-l2',
        currently_delivered_l3: 'power/current-usage-l3',
        currently_returned_l1: 'power/current-delivery-l1',
        currently_returned_l2: 'power/current-delivery-l2',
        currently_returned_l3: 'power/current-delivery-l3',
      }),
    },
    {
      measurement: 'electricity_power',
      fields: [
        { key: 'current_l1', path: 'grid/current-l1', integer: true },
        { key: 'current_l2', path: 'grid/current-l2', integer: true },
        { key: 'current_l3', path: 'grid/current-l3', integer: true },
      ],
    },
    { measurement: 'gas_positions', fields: fields('m³', { delivered: 'gas/volume' }) },
  ],
} as const satisfies Readonly<Record<string, readonly Series[]>>;
