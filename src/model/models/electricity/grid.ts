import { phases, rows, SOURCES, type Common, type Row } from './row.js';

const { dsmr, emucs, lu, hu, lt } = SOURCES;

const VOLTAGE: Common = { node: 'grid', datatype: 'float', unit: 'V', quantity: 'voltage', kind: 'instant' };
const CURRENT: Common = { ...VOLTAGE, unit: 'A', quantity: 'current' };
const FREQUENCY: Common = { ...VOLTAGE, unit: 'Hz', quantity: 'frequency' };
const COUNT: Common = { node: 'quality', datatype: 'integer', quantity: 'count', kind: 'total' };
const LAST_VOLTAGE: Common = { ...VOLTAGE, node: 'quality' };
const DURATION: Common = { node: 'quality', datatype: 'integer', unit: 's', quantity: 'duration', kind: 'instant' };
const LOG: Common = { node: 'quality', datatype: 'string', quantity: 'text', kind: 'state' };
const CODE: Common = { node: 'grid', datatype: 'string', quantity: 'code', kind: 'state' };

/** What arrives from the grid now. */
export const GRID_ROWS: readonly Row[] = [
  ...phases(VOLTAGE, [['1-0:{32}.7.0', 'voltage', 'Voltage', dsmr]]),
  ...phases(CURRENT, [['1-0:{31}.7.0', 'current', 'Current', dsmr]]),
  ...rows(FREQUENCY, [['1-0:14.7.0', 'frequency', 'Frequency', hu]]),
  ...rows(VOLTAGE, [['1-0:12.7.0', 'voltage', 'Voltage', lt]]),
  ...phases(VOLTAGE, [['1-0:{32}.24.0', 'average-voltage', 'Average voltage', lt]]),
  ...rows(CURRENT, [
    ['1-0:11.7.0', 'current', 'Current', lt],
    ['1-0:90.7.0', 'current-sum', 'Sum of the currents', lt],
    ['1-0:91.7.0', 'current-neutral', 'Current in the neutral', lt],
  ]),
  ...rows(CODE, [['1-0:94.32.1', 'nominal-voltage', 'Nominal voltage (230 or 400)', emucs]]),
];

/** How good what arrives from the grid was. */
export const QUALITY_ROWS: readonly Row[] = [
  ...rows(COUNT, [
    ['0-0:96.7.21', 'power-failures', 'Power failures', dsmr],
    ['0-0:96.7.9', 'long-power-failures', 'Long power failures', dsmr],
  ]),
  ...rows(LOG, [['1-0:99.97.0', 'failure-log', 'Long power failures, as JSON', dsmr]]),
  ...phases(COUNT, [
    ['1-0:{32}.32.0', 'sags', 'Voltage sags', dsmr],
    ['1-0:{32}.36.0', 'swells', 'Voltage swells', dsmr],
  ]),
  ...rows(COUNT, [['0-0:32.32.0', 'sags-l1', 'Voltage sags, L1', lu]]),
  ...phases(DURATION, [
    ['1-0:{32}.33.0', 'last-sag-duration', 'Duration of the last sag', lt],
    ['1-0:{32}.37.0', 'last-swell-duration', 'Duration of the last swell', lt],
  ]),
  ...phases(LAST_VOLTAGE, [
    ['1-0:{32}.34.0', 'last-sag-voltage', 'Voltage of the last sag', lt],
    ['1-0:{32}.38.0', 'last-swell-voltage', 'Voltage of the last swell', lt],
  ]),
];
