import { defineModel, type Property } from '../device.js';

/**
 * What electricity meters report. The ids are an interface that home automations rely on: they are only ever added to.
 * Meanings and codes: IEC 62056-61 (OBIS); import is what the household draws from the grid, export what it delivers.
 */
export const electricityMeter = defineModel({
  energy: {
    name: 'Energy',
    type: 'energy',
    properties: {
      'imported-total': energy('Imported energy'),
      'used-tariff-1': energy('Imported energy, tariff 1'),
      'used-tariff-2': energy('Imported energy, tariff 2'),
      'delivered-total': energy('Exported energy'),
      'delivered-tariff-1': energy('Exported energy, tariff 1'),
      'delivered-tariff-2': energy('Exported energy, tariff 2'),
      'reactive-imported-total': reactiveEnergy('Imported reactive energy'),
      'reactive-imported-tariff-1': reactiveEnergy('Imported reactive energy, tariff 1'),
      'reactive-imported-tariff-2': reactiveEnergy('Imported reactive energy, tariff 2'),
      'reactive-exported-total': reactiveEnergy('Exported reactive energy'),
      'reactive-exported-tariff-1': reactiveEnergy('Exported reactive energy, tariff 1'),
      'reactive-exported-tariff-2': reactiveEnergy('Exported reactive energy, tariff 2'),
    },
  },
  power: {
    name: 'Power',
    type: 'power',
    properties: {
      'current-usage': power('Imported power'),
      'current-delivery': power('Exported power'),
      'net-usage': power('Net power (import minus export)'),
      'reactive-import': reactivePower('Imported reactive power'),
      'reactive-export': reactivePower('Exported reactive power'),
    },
  },
});

function energy(name: string) {
  return { name, datatype: 'integer', unit: 'Wh', quantity: 'energy', kind: 'total' } as const satisfies Property;
}

function reactiveEnergy(name: string) {
  return { name, datatype: 'integer', unit: 'varh', quantity: 'reactive-energy', kind: 'total' } as const satisfies Property;
}

function power(name: string) {
  return { name, datatype: 'integer', unit: 'W', quantity: 'power', kind: 'instant' } as const satisfies Property;
}

function reactivePower(name: string) {
  return { name, datatype: 'integer', unit: 'var', quantity: 'reactive-power', kind: 'instant' } as const satisfies Property;
}
