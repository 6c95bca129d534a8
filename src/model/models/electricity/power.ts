import { phases, rows, SOURCES, type Common, type Row } from './row.js';

const { dsmr, lu, at, se, hu, lt, obis } = SOURCES;

const ACTIVE: Common = { node: 'power', datatype: 'integer', unit: 'W', quantity: 'power', kind: 'instant' };
const REACTIVE: Common = { ...ACTIVE, unit: 'var', quantity: 'reactive-power' };
const APPARENT: Common = { ...ACTIVE, unit: 'VA', quantity: 'apparent-power' };
const FACTOR: Common = { node: 'power', datatype: 'float', quantity: 'power-factor', kind: 'instant' };

/** What flows now, as a whole and by phase. */
export const POWER_ROWS: readonly Row[] = [
  ...rows(ACTIVE, [
    ['1-0:1.7.0', 'current-usage', 'Imported power', dsmr],
    ['1-0:2.7.0', 'current-delivery', 'Exported power', dsmr],
  ]),
  { ...ACTIVE, property: 'net-usage', name: 'Net power (import minus export)', source: 'computed: 1-0:1.7.0 − 1-0:2.7.0' },
  ...rows(REACTIVE, [
    ['1-0:3.7.0', 'reactive-import', 'Imported reactive power', at],
    ['1-0:4.7.0', 'reactive-export', 'Exported reactive power', at],
    ['1-0:5.7.0', 'reactive-q1', 'Reactive power, quadrant 1', hu],
    ['1-0:6.7.0', 'reactive-q2', 'Reactive power, quadrant 2', hu],
    ['1-0:7.7.0', 'reactive-q3', 'Reactive power, quadrant 3', hu],
    ['1-0:8.7.0', 'reactive-q4', 'Reactive power, quadrant 4', hu],
  ]),
  ...phases(ACTIVE, [
    ['1-0:{21}.7.0', 'current-usage', 'Imported power', dsmr],
    ['1-0:{22}.7.0', 'current-delivery', 'Exported power', dsmr],
  ]),
  ...phases(REACTIVE, [
    ['1-0:{23}.7.0', 'reactive-import', 'Imported reactive power', se],
    ['1-0:{24}.7.0', 'reactive-export', 'Exported reactive power', se],
  ]),
  ...rows(APPARENT, [
    ['1-0:9.7.0', 'apparent-import', 'Imported apparent power', lu],
    ['1-0:10.7.0', 'apparent-export', 'Exported apparent power', lu],
  ]),
  ...phases(APPARENT, [
    ['1-0:{29}.7.0', 'apparent-import', 'Imported apparent power', lt],
    ['1-0:{30}.7.0', 'apparent-export', 'Exported apparent power', lt],
  ]),
  ...rows(ACTIVE, [
    ['1-0:15.7.0', 'absolute', 'Imported and exported power', lt],
    ['1-0:16.7.0', 'net', 'Net power, as the meter adds it up', obis],
    ['1-0:1.24.0', 'average-import', 'Average imported power', lt],
    ['1-0:15.24.0', 'average-absolute', 'Average imported and exported power', lt],
    ['1-0:16.24.0', 'average-net', 'Average net power', lt],
  ]),
  ...rows(FACTOR, [
    ['1-0:13.7.0', 'factor', 'Power factor', hu],
    ['1-0:13.3.0', 'factor-minimum', 'Least power factor', lt],
  ]),
  ...phases(FACTOR, [['1-0:{33}.7.0', 'factor', 'Power factor', hu]]),
];
