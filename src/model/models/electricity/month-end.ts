import { rows, SOURCES, type Common, type Line, type Row } from './row.js';

const { hu } = SOURCES;

const TOTAL: Common = { node: 'month-end', datatype: 'integer', unit: 'Wh', quantity: 'energy', kind: 'total' };
const REACTIVE: Common = { ...TOTAL, unit: 'varh', quantity: 'reactive-energy' };
const PEAK: Common = { ...TOTAL, unit: 'W', quantity: 'power', kind: 'instant' };
const TIME: Common = { node: 'month-end', datatype: 'string', quantity: 'time', kind: 'state' };

const line = (property: string, name: string): Line => ['', property, name, `${hu}, 0-0:98.1.0`];

/** The registers at the end of the last month, in the order in which the list 0-0:98.1.0 of Hungarian meters has them. */
export const MONTH_END_LIST: readonly Row[] = [
  ...rows(TOTAL, [
    line('imported-total', 'Imported energy at the end of the month'),
    line('used-tariff-1', 'Imported energy at the end of the month, tariff 1'),
    line('used-tariff-2', 'Imported energy at the end of the month, tariff 2'),
    line('delivered-total', 'Exported energy at the end of the month'),
    line('delivered-tariff-1', 'Exported energy at the end of the month, tariff 1'),
    line('delivered-tariff-2', 'Exported energy at the end of the month, tariff 2'),
  ]),
  ...rows(REACTIVE, [
    line('reactive-imported-total', 'Imported reactive energy at the end of the month'),
    line('reactive-exported-total', 'Exported reactive energy at the end of the month'),
    line('reactive-q1-total', 'Reactive energy at the end of the month, quadrant 1'),
    line('reactive-q2-total', 'Reactive energy at the end of the month, quadrant 2'),
    line('reactive-q3-total', 'Reactive energy at the end of the month, quadrant 3'),
    line('reactive-q4-total', 'Reactive energy at the end of the month, quadrant 4'),
  ]),
  ...rows(TOTAL, [line('absolute-total', 'Imported and exported energy at the end of the month')]),
  ...rows(PEAK, [
    line('peak-import', 'Highest imported power of the month'),
    line('peak-import-tariff-1', 'Highest imported power of the month, tariff 1'),
    line('peak-import-tariff-2', 'Highest imported power of the month, tariff 2'),
    line('peak-export', 'Highest exported power of the month'),
    line('peak-export-tariff-1', 'Highest exported power of the month, tariff 1'),
    line('peak-export-tariff-2', 'Highest exported power of the month, tariff 2'),
  ]),
].map(({ obis: _, ...row }) => row);

/** The property that shows when the month ended. */
export const MONTH_END_AT = 'measured-at';

/** All of the node. */
export const MONTH_END_ROWS: readonly Row[] = [
  ...MONTH_END_LIST,
  { ...TIME, property: MONTH_END_AT, name: 'End of the month', source: `${hu}, 0-0:98.1.0` },
];
