import { rows, SOURCES, type Common, type Row } from './row.js';

const { emucs, hu, lt } = SOURCES;

const ACTIVE: Common = { node: 'demand', datatype: 'integer', unit: 'W', quantity: 'power', kind: 'instant' };
const REACTIVE: Common = { ...ACTIVE, unit: 'var', quantity: 'reactive-power' };
const APPARENT: Common = { ...ACTIVE, unit: 'VA', quantity: 'apparent-power' };
const PERIOD: Common = { ...ACTIVE, unit: 's', quantity: 'duration' };
const WARNING: Common = { node: 'demand', datatype: 'boolean', quantity: 'code', kind: 'state' };
const TIME: Common = { node: 'demand', datatype: 'string', quantity: 'time', kind: 'state' };

/** How many finished months an e-MUCS meter remembers. e-MUCS P1 1.3, 0-0:98.1.0. */
export const STORED_PEAKS = 13;

/** The average power of the running period, which in Belgium is a quarter of an hour and decides on the price, and the highest of this month. */
export const DEMAND_ROWS: readonly Row[] = [
  ...rows(ACTIVE, [
    ['1-0:1.4.0', 'current', 'Demand of the running period', emucs],
    ['1-0:2.4.0', 'current-export', 'Exported demand of the running period', lt],
  ]),
  {
    ...ACTIVE,
    property: 'projected',
    name: 'Demand expected at the end of the period',
    source: 'computed: 1-0:1.4.0 and 1-0:1.7.0',
  },
  { ...WARNING, property: 'warning', name: 'A new peak of the month is coming', source: 'computed: projected above 1-0:1.6.0' },
  {
    ...ACTIVE,
    obis: '1-0:1.6.0',
    property: 'peak',
    name: "This month's highest demand",
    timeProperty: 'peak-at',
    source: emucs,
  },
  { ...TIME, property: 'peak-at', name: "When this month's highest demand ended", source: 'computed: the time of 1-0:1.6.0' },
  {
    ...ACTIVE,
    obis: '1-0:2.6.0',
    property: 'peak-export',
    name: "This month's highest exported demand",
    timeProperty: 'peak-export-at',
    source: hu,
  },
  { ...TIME, property: 'peak-export-at', name: 'When it ended', source: 'computed: the time of 1-0:2.6.0' },
  ...rows(REACTIVE, [
    ['1-0:3.4.0', 'reactive-import', 'Imported reactive demand of the running period', lt],
    ['1-0:4.4.0', 'reactive-export', 'Exported reactive demand of the running period', lt],
  ]),
  ...rows(APPARENT, [
    ['1-0:9.4.0', 'apparent-import', 'Imported apparent demand of the running period', lt],
    ['1-0:10.4.0', 'apparent-export', 'Exported apparent demand of the running period', lt],
  ]),
  ...rows(PERIOD, [['1-0:0.8.2', 'period', 'Length of a period', lt]]),
];

/** The highest demands of finished months: `month-1` is the last one. */
export const PEAK_ROWS: readonly Row[] = Array.from({ length: STORED_PEAKS }, (_, index) => index + 1).flatMap((month) => [
  {
    ...ACTIVE,
    node: 'peaks',
    property: `month-${month}`,
    name: `Highest demand, ${month} ${month === 1 ? 'month' : 'months'} ago`,
    timeProperty: `month-${month}-at`,
    source: `${emucs}, 0-0:98.1.0`,
  },
  {
    ...TIME,
    node: 'peaks',
    property: `month-${month}-at`,
    name: `When it ended, ${month} ${month === 1 ? 'month' : 'months'} ago`,
    source: `${emucs}, 0-0:98.1.0`,
  },
]);
