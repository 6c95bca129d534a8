import { SOURCES, type Common, type Row } from './row.js';

const SOURCE = `${SOURCES.hu}, 0-0:98.1.0`;

const TOTAL: Common = { node: 'month-end', datatype: 'integer', unit: 'Wh', quantity: 'energy', kind: 'total' };
const REACTIVE: Common = { ...TOTAL, unit: 'varh', quantity: 'reactive-energy' };
const PEAK: Common = { ...TOTAL, unit: 'W', quantity: 'power', kind: 'instant' };
const TIME: Common = { node: 'month-end', datatype: 'string', quantity: 'time', kind: 'state' };

/** Rows of the list, which have no objects of their own. */
const listed = (common: Common, lines: readonly (readonly [property: string, name: string])[]): Row[] =>
  lines.map(([property, name]) => ({ ...common, property, name, source: SOURCE }));

/** The registers at the end of the last month, in the order in which the list 0-0:98.1.0 of Hungarian meters has them. */
export const MONTH_END_LIST: readonly Row[] = [
  ...listed(TOTAL, [
    ['imported-total', 'Imported energy at the end of the month'],
    ['used-tariff-1', 'Imported energy at the end of the month, tariff 1'],
    ['used-tariff-2', 'Imported energy at the end of the month, tariff 2'],
    ['delivered-total', 'Exported energy at the end of the month'],
    ['delivered-tariff-1', 'Exported energy at the end of the month, tariff 1'],
    ['delivered-tariff-2', 'Exported energy at the end of the month, tariff 2'],
  ]),
  ...listed(REACTIVE, [
    ['reactive-imported-total', 'Imported reactive energy at the end of the month'],
    ['reactive-exported-total', 'Exported reactive energy at the end of the month'],
    ['reactive-q1-total', 'Reactive energy at the end of the month, quadrant 1'],
    ['reactive-q2-total', 'Reactive energy at the end of the month, quadrant 2'],
    ['reactive-q3-total', 'Reactive energy at the end of the month, quadrant 3'],
    ['reactive-q4-total', 'Reactive energy at the end of the month, quadrant 4'],
  ]),
  ...listed(TOTAL, [['absolute-total', 'Imported and exported energy at the end of the month']]),
  ...listed(PEAK, [
    ['peak-import', 'Highest imported power of the month'],
    ['peak-import-tariff-1', 'Highest imported power of the month, tariff 1'],
    ['peak-import-tariff-2', 'Highest imported power of the month, tariff 2'],
    ['peak-export', 'Highest exported power of the month'],
    ['peak-export-tariff-1', 'Highest exported power of the month, tariff 1'],
    ['peak-export-tariff-2', 'Highest exported power of the month, tariff 2'],
  ]),
];

/** The property that shows when the month ended. */
export const MONTH_END_AT = 'measured-at';

/** All of the node. */
export const MONTH_END_ROWS: readonly Row[] = [
  ...MONTH_END_LIST,
  { ...TIME, property: MONTH_END_AT, name: 'End of the month', source: SOURCE },
];
