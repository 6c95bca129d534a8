import { rows, SOURCES, type Common, type Row } from './row.js';

const { dsmr, lu, at, hu, lt, obis } = SOURCES;

const ACTIVE: Common = { node: 'energy', datatype: 'integer', unit: 'Wh', quantity: 'energy', kind: 'total' };
const REACTIVE: Common = { ...ACTIVE, unit: 'varh', quantity: 'reactive-energy' };
const APPARENT: Common = { ...ACTIVE, unit: 'VAh', quantity: 'apparent-energy' };

/** What the meter has counted. Import is what the household draws from the grid, export what it delivers; tariffs go by their number. */
export const ENERGY_ROWS: readonly Row[] = [
  ...rows(ACTIVE, [
    ['1-0:1.8.0', 'imported-total', 'Imported energy', lu],
    ['1-0:1.8.1', 'used-tariff-1', 'Imported energy, tariff 1', dsmr],
    ['1-0:1.8.2', 'used-tariff-2', 'Imported energy, tariff 2', dsmr],
    ['1-0:1.8.3', 'used-tariff-3', 'Imported energy, tariff 3', hu],
    ['1-0:1.8.4', 'used-tariff-4', 'Imported energy, tariff 4', hu],
    ['1-0:2.8.0', 'delivered-total', 'Exported energy', lu],
    ['1-0:2.8.1', 'delivered-tariff-1', 'Exported energy, tariff 1', dsmr],
    ['1-0:2.8.2', 'delivered-tariff-2', 'Exported energy, tariff 2', dsmr],
    ['1-0:2.8.3', 'delivered-tariff-3', 'Exported energy, tariff 3', hu],
    ['1-0:2.8.4', 'delivered-tariff-4', 'Exported energy, tariff 4', hu],
    ['1-0:15.8.0', 'absolute-total', 'Imported and exported energy', hu],
  ]),
  ...rows(REACTIVE, [
    ['1-0:3.8.0', 'reactive-imported-total', 'Imported reactive energy', lu],
    ['1-0:3.8.1', 'reactive-imported-tariff-1', 'Imported reactive energy, tariff 1', at],
    ['1-0:3.8.2', 'reactive-imported-tariff-2', 'Imported reactive energy, tariff 2', at],
    ['1-0:3.8.3', 'reactive-imported-tariff-3', 'Imported reactive energy, tariff 3', lt],
    ['1-0:3.8.4', 'reactive-imported-tariff-4', 'Imported reactive energy, tariff 4', lt],
    ['1-0:4.8.0', 'reactive-exported-total', 'Exported reactive energy', lu],
    ['1-0:4.8.1', 'reactive-exported-tariff-1', 'Exported reactive energy, tariff 1', at],
    ['1-0:4.8.2', 'reactive-exported-tariff-2', 'Exported reactive energy, tariff 2', at],
    ['1-0:4.8.3', 'reactive-exported-tariff-3', 'Exported reactive energy, tariff 3', lt],
    ['1-0:4.8.4', 'reactive-exported-tariff-4', 'Exported reactive energy, tariff 4', lt],
    ['1-0:5.8.0', 'reactive-q1-total', 'Reactive energy, quadrant 1', hu],
    ['1-0:6.8.0', 'reactive-q2-total', 'Reactive energy, quadrant 2', hu],
    ['1-0:7.8.0', 'reactive-q3-total', 'Reactive energy, quadrant 3', hu],
    ['1-0:8.8.0', 'reactive-q4-total', 'Reactive energy, quadrant 4', hu],
  ]),
  ...rows(APPARENT, [
    ['1-0:9.8.0', 'apparent-imported-total', 'Imported apparent energy', obis],
    ['1-0:10.8.0', 'apparent-exported-total', 'Exported apparent energy', obis],
  ]),
];
