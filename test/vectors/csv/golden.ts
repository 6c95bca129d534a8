import type { Device } from '../../../src/model/device.js';
import { electricityMeter } from '../../../src/model/models/electricity-meter.js';
import { counterOf, SUB_METER_KINDS } from '../../../src/model/models/sub-meter.js';
import type { Values } from '../../../src/model/reading.js';

const gas = SUB_METER_KINDS.get(3);
const counter = gas && counterOf(gas, 'm³');

/** Any electricity meter, with a gas meter behind it. */
export const HOUSE: Device = {
  id: 'house',
  name: 'House',
  nodes: {
    ...electricityMeter,
    gas: { name: 'Gas', type: 'gas', properties: counter ? { [counter.id]: counter.property } : {} },
  },
};

/** A Belgian telegram of 2021-10-24 19:52:35 in summer time, and what stood in it of the gas meter, of 19:50:05. */
export const FLUVIUS = {
  at: Date.UTC(2021, 9, 24, 17, 52, 35),
  gasAt: Date.UTC(2021, 9, 24, 17, 50, 5),
  gas: { 'gas/volume': 3775.342 } satisfies Values,
  electricity: {
    'energy/used-tariff-1': 4_248_198,
    'energy/used-tariff-2': 6_615_642,
    'energy/delivered-tariff-1': 2_278_958,
    'energy/delivered-tariff-2': 908_264,
    'tariff/current': 2,
    'power/current-usage': 507,
    'power/current-delivery': 0,
    'power/current-usage-l1': 245,
    'power/current-usage-l2': 0,
    'power/current-usage-l3': 261,
    'power/current-delivery-l1': 0,
    'power/current-delivery-l2': 0,
    'power/current-delivery-l3': 0,
    'grid/voltage-l1': 227.1,
    'grid/voltage-l2': 0,
    'grid/voltage-l3': 226.7,
    'grid/current-l1': 1.53,
    'grid/current-l2': 1.94,
    'grid/current-l3': 1.65,
  } satisfies Values,
} as const;

/** The columns of readers of Belgian meters, in the order of their keys. */
export const FLUVIUS_CSV =
  'timestamp,gas_timestamp,total_consumption_day,total_consumption_night,total_injection_day,total_injection_night,actual_tariff,' +
  'actual_total_consumption,actual_total_injection,actual_l1_consumption,actual_l2_consumption,actual_l3_consumption,' +
  'actual_l1_injection,actual_l2_injection,actual_l3_injection,l1_voltage,l2_voltage,l3_voltage,l1_current,l2_current,l3_current,' +
  'total_gas_consumption\r\n' +
  '2021-10-24T19:52:35+02:00,2021-10-24T19:50:05+02:00,4248.198,6615.642,2278.958,908.264,2,0.507,0,0.245,0,0.261,0,0,0,' +
  '227.1,0,226.7,1.53,1.94,1.65,3775.342\r\n';

/** A Hungarian telegram of 2023-08-15 15:52:00 in summer time. */
export const TELE = {
  at: Date.UTC(2023, 7, 15, 13, 52),
  values: {
    'identity/equipment-id': '9912345678',
    'power/current-usage': 2_352,
    'power/current-delivery': 0,
    'energy/imported-total': 8_995_626,
    'energy/delivered-total': 1_590_321,
  } satisfies Values,
} as const;

/** What the readers of such meters write. */
export const TELE_CSV =
  'MeterId,Time,DST,Import,Export,TotalImport,TotalExport\n9912345678,2023-08-15 15:52:00,S,2.352,0.0,8995.626,1590.321\n';
