import type { Device } from '../../src/model/device.js';
import {
  NO_FIGURES,
  type Fault,
  type FaultKind,
  type Health,
  type HealthState,
  type Reading,
  type Values,
} from '../../src/model/reading.js';

/** A small meter for tests of what does not care about meters: an energy total and a power. */
export const DEVICE: Device = {
  id: 'test-meter',
  name: 'Test meter',
  nodes: {
    energy: {
      name: 'Energy',
      type: 'energy',
      properties: {
        'imported-total': { name: 'Imported total', datatype: 'integer', unit: 'Wh', quantity: 'energy', kind: 'total' },
      },
    },
    power: {
      name: 'Power',
      type: 'power',
      properties: {
        'current-usage': { name: 'Current usage', datatype: 'integer', unit: 'W', quantity: 'power', kind: 'instant' },
      },
    },
  },
};

/** The same meter with one of its nodes only. */
export const POWER_ONLY: Device = { ...DEVICE, nodes: { power: DEVICE.nodes.power ?? { name: '', type: '', properties: {} } } };

/** A reading of the small meter. */
export function reading(
  values: Values = { 'energy/imported-total': 1000, 'power/current-usage': 250 },
  device: Device = DEVICE,
): Reading {
  return { kind: 'reading', device, receivedAt: Date.UTC(2026, 0, 15, 12), values };
}

/** A fault of the small meter. */
export function fault(what: FaultKind = 'checksum', detail = 'CRC sent 1234, calculated 5678'): Fault {
  return { kind: 'fault', device: DEVICE.id, at: Date.UTC(2026, 0, 15, 12), what, detail };
}

/** A health of the small meter. */
export function health(state: HealthState = 'ok', detail: string = state, device: Device = DEVICE): Health {
  return {
    kind: 'health',
    device,
    at: Date.UTC(2026, 0, 15, 12),
    state,
    detail,
    figures: NO_FIGURES,
    values: { 'meter/status': detail },
  };
}
