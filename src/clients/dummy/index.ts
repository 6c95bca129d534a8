import { defineModel, type Device, type PropertyPath } from '../../model/device.js';
import { scale } from '../../model/decimal.js';
import { defineSettings } from '../../model/settings.js';
import { defineClient } from '../../pipeline/client.js';
import { unlessAborted } from '../../pipeline/clock.js';
import { Household } from './household.js';

/** What the dummy meter measures. The total is in kWh, as it always was for those who tried this first. */
const DUMMY_MODEL = defineModel({
  energy: {
    name: 'Energy',
    type: 'energy',
    properties: {
      'imported-total': { name: 'Imported total', datatype: 'float', unit: 'kWh', quantity: 'energy', kind: 'total' },
    },
  },
  power: {
    name: 'Power',
    type: 'power',
    properties: {
      'current-usage': { name: 'Current usage', datatype: 'integer', unit: 'W', quantity: 'power', kind: 'instant' },
    },
  },
});

type DummyPath = PropertyPath<typeof DUMMY_MODEL>;

const DUMMY_SETTINGS = defineSettings({
  interval: { doc: 'How often the dummy meter is read.', format: 'duration', default: '10s', min: 100, max: 86_400_000 },
  seed: { doc: 'Another number is another household.', format: 'integer', default: 1, min: 0, max: 2 ** 31 - 1 },
});

/** A meter that needs no hardware: a simulated household, for trying the rest of the program. */
export default defineClient({
  settings: DUMMY_SETTINGS,
  catalogue: DUMMY_MODEL,
  create({ interval, seed }, { device: identity, clock }) {
    const household = new Household(seed);
    const device: Device = {
      ...identity,
      manufacturer: 'smart-meter-reader',
      model: 'Simulated household',
      serial: `DUMMY-${seed}`,
      nodes: DUMMY_MODEL,
    };
    return {
      periodMs: interval,
      toleratedFaults: 0,
      async *readings(stop) {
        while (!stop.aborted) {
          const now = clock.now();
          const { energyWh, powerW } = household.at(now);
          const values: Record<DummyPath, number> = {
            'energy/imported-total': scale(energyWh, -3),
            'power/current-usage': powerW,
          };
          yield { kind: 'reading', device, measuredAt: now, receivedAt: now, values };
          await unlessAborted(stop, clock.sleep(interval, stop));
        }
      },
    };
  },
});
