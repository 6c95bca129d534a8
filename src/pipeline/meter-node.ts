import { defineModel, pickNodes, type Device, type Node, type PropertyPath } from '../model/device.js';
import type { Figures, Values } from '../model/reading.js';

/**
 * The node that every device has, so that its tree is never empty and a state other than `ok` has its reason in words.
 * Times are ISO 8601 in UTC; the counts begin when the program starts.
 */
const METER_MODEL = defineModel({
  meter: {
    name: 'Meter',
    type: 'meter',
    properties: {
      status: { name: 'Status', datatype: 'string', quantity: 'text', kind: 'state', diagnostic: true },
      'serial-number': { name: 'Serial number', datatype: 'string', quantity: 'text', kind: 'state', diagnostic: true },
      manufacturer: { name: 'Manufacturer', datatype: 'string', quantity: 'text', kind: 'state', diagnostic: true },
      model: { name: 'Model', datatype: 'string', quantity: 'text', kind: 'state', diagnostic: true },
      'measured-at': { name: 'Measured at', datatype: 'string', quantity: 'time', kind: 'state', diagnostic: true },
      'received-at': { name: 'Received at', datatype: 'string', quantity: 'time', kind: 'state', diagnostic: true },
      'clock-offset': {
        name: 'Clock offset',
        datatype: 'integer',
        unit: 's',
        quantity: 'duration',
        kind: 'instant',
        diagnostic: true,
      },
      readings: { name: 'Readings', datatype: 'integer', quantity: 'count', kind: 'total', diagnostic: true },
      faults: { name: 'Faults', datatype: 'integer', quantity: 'count', kind: 'total', diagnostic: true },
      'checksum-errors': { name: 'Damaged frames', datatype: 'integer', quantity: 'count', kind: 'total', diagnostic: true },
      'tag-errors': {
        name: 'Frames that the keys do not fit',
        datatype: 'integer',
        quantity: 'count',
        kind: 'total',
        diagnostic: true,
      },
      truncated: { name: 'Incomplete frames', datatype: 'integer', quantity: 'count', kind: 'total', diagnostic: true },
      replayed: { name: 'Replayed frames', datatype: 'integer', quantity: 'count', kind: 'total', diagnostic: true },
      timeouts: { name: 'Polls without an answer', datatype: 'integer', quantity: 'count', kind: 'total', diagnostic: true },
      quarantined: { name: 'Values held back', datatype: 'integer', quantity: 'count', kind: 'total', diagnostic: true },
      lost: { name: 'Lost telegrams', datatype: 'integer', quantity: 'count', kind: 'total', diagnostic: true },
      reconnects: { name: 'Link losses', datatype: 'integer', quantity: 'count', kind: 'total', diagnostic: true },
    },
  },
});

type MeterPath = PropertyPath<typeof METER_MODEL>;
type MeterValues = Partial<Record<MeterPath, number | string>>;

/** What a health says, as values of the node `meter`. Faults that have no property of their own are among `faults`. */
export function healthValues(status: string, figures: Figures): Values {
  const { readings, faults, faultsOf, quarantined, lost, reconnects } = figures;
  return {
    'meter/status': status,
    'meter/readings': readings,
    'meter/faults': faults,
    'meter/checksum-errors': faultsOf.checksum,
    'meter/tag-errors': faultsOf['wrong-encryption-key'] + faultsOf['wrong-authentication-key'],
    'meter/truncated': faultsOf.truncated,
    'meter/replayed': faultsOf.replayed,
    'meter/timeouts': faultsOf.timeout,
    'meter/quarantined': quarantined,
    'meter/lost': lost,
    'meter/reconnects': reconnects,
  } satisfies MeterValues;
}

/** What a device says about itself, as values of the node `meter`. */
export function identityValues({ serial, manufacturer, model }: Device): Values {
  return {
    ...(serial !== undefined && { 'meter/serial-number': serial }),
    ...(manufacturer !== undefined && { 'meter/manufacturer': manufacturer }),
    ...(model !== undefined && { 'meter/model': model }),
  } satisfies MeterValues;
}

/** When a reading was measured and received, and by how many seconds the meter's clock is ahead, as values of the node `meter`. */
export function timeValues(receivedAt: number, measuredAt: number | undefined, offsetSeconds: number | undefined): Values {
  return {
    'meter/received-at': new Date(receivedAt).toISOString(),
    ...(measuredAt !== undefined && { 'meter/measured-at': new Date(measuredAt).toISOString() }),
    ...(offsetSeconds !== undefined && { 'meter/clock-offset': offsetSeconds }),
  } satisfies MeterValues;
}

/** The node `meter` with the properties that have such values, in the catalogue's order. */
export function meterNode(values: Values): Node {
  return pickNodes(METER_MODEL, new Set(Object.keys(values))).meter ?? METER_MODEL.meter;
}
