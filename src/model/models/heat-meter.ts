import { defineModel } from '../device.js';

/**
 * What a heat meter can report. Ids and units are an interface: the items and entities that users have built on them go on working.
 * A meter that counts in joules or calories keeps its unit (`J` and `Wh` do not differ by a power of ten).
 */
export const heatMeter = defineModel({
  energy: {
    name: 'Energy',
    type: 'energy',
    properties: {
      'imported-total': { name: 'Heat energy', datatype: 'float', unit: 'kWh', quantity: 'energy', kind: 'total' },
    },
  },
  power: {
    name: 'Power',
    type: 'power',
    properties: {
      'current-usage': { name: 'Heat power', datatype: 'float', unit: 'kW', quantity: 'power', kind: 'instant' },
    },
  },
  temperatures: {
    name: 'Temperatures',
    type: 'temperature',
    properties: {
      temp1: { name: 'Flow temperature', datatype: 'float', unit: '°C', quantity: 'temperature', kind: 'instant' },
      temp2: { name: 'Return temperature', datatype: 'float', unit: '°C', quantity: 'temperature', kind: 'instant' },
      'temp-diff': {
        name: 'Temperature difference',
        datatype: 'float',
        unit: 'K',
        quantity: 'temperature-difference',
        kind: 'instant',
      },
    },
  },
  flow: {
    name: 'Flow',
    type: 'flow',
    properties: {
      flow: { name: 'Flow', datatype: 'float', unit: 'l/h', quantity: 'flow', kind: 'instant' },
      volume: { name: 'Volume', datatype: 'float', unit: 'm³', quantity: 'heat-volume', kind: 'total' },
    },
  },
  ops: {
    name: 'Operation',
    type: 'operation',
    properties: {
      'hour-counter': {
        name: 'Hour counter',
        datatype: 'integer',
        unit: 'h',
        quantity: 'duration',
        kind: 'total',
        diagnostic: true,
      },
    },
  },
});
