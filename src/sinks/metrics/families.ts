import { scale } from '../../model/decimal.js';
import { FAULTS, type FaultKind, type HealthState } from '../../model/reading.js';
import type { MeterStatus, ProcessFigures, SinkFigures } from '../../pipeline/figures.js';
import type { Family, Labels, Sample } from './open-metrics.js';

type Meter = ProcessFigures['meters'][number];
type Sink = ProcessFigures['sinks'][number];

/** A family but its samples, and how these are read from a meter or a sink. */
interface Row<Source> extends Omit<Family, 'samples'> {
  /** `undefined` where there is nothing to tell. */
  readonly read: (source: Source) => number | undefined | readonly Sample[];
}

const KINDS = Object.keys(FAULTS) as readonly FaultKind[];
const STATES = { waiting: true, ok: true, silent: true, failing: true } as const satisfies Record<HealthState, true>;

const METER_STATE = 'smart_meter_state';

const METER_ROWS: readonly Row<MeterStatus>[] = [
  {
    name: METER_STATE,
    type: 'stateset',
    help: 'How the meter is: ok is fresh.',
    read: ({ state }) => Object.keys(STATES).map((each) => ({ labels: { [METER_STATE]: each }, value: each === state ? 1 : 0 })),
  },
  {
    name: 'smart_meter_reading_age_seconds',
    type: 'gauge',
    unit: 'seconds',
    help: 'Time since the last reading; absent before the first.',
    read: ({ ageMs }) => (ageMs === undefined ? undefined : scale(Math.round(ageMs), -3)),
  },
  {
    name: 'smart_meter_readings',
    type: 'counter',
    help: 'Good frames and answers.',
    read: ({ figures }) => figures.readings,
  },
  {
    name: 'smart_meter_faults',
    type: 'counter',
    help: 'Frames and polls that gave no reading, by what was wrong with them.',
    read: ({ figures }) => KINDS.map((kind) => ({ labels: { kind }, value: figures.faultsOf[kind] })),
  },
  {
    name: 'smart_meter_quarantined_values',
    type: 'counter',
    help: 'Values that were held back because they cannot be right.',
    read: ({ figures }) => figures.quarantined,
  },
  {
    name: 'smart_meter_lost_telegrams',
    type: 'counter',
    help: 'Telegrams that the meter sent and nobody received, told by gaps in its frame counter.',
    read: ({ figures }) => figures.lost,
  },
  {
    name: 'smart_meter_reconnects',
    type: 'counter',
    help: 'How often the link to the meter was lost or could not be opened.',
    read: ({ figures }) => figures.reconnects,
  },
];

const SINK_ROWS: readonly Row<SinkFigures>[] = [
  {
    name: 'smart_meter_sink_delivered',
    type: 'counter',
    help: 'Items that the sink has taken: readings and states of health.',
    read: ({ delivered }) => delivered,
  },
  {
    name: 'smart_meter_sink_rejected',
    type: 'counter',
    help: 'Items that the sink refused for good.',
    read: ({ rejected }) => rejected,
  },
  {
    name: 'smart_meter_sink_merged',
    type: 'counter',
    help: 'Items that a newer one replaced while they waited.',
    read: ({ merged }) => merged,
  },
  {
    name: 'smart_meter_sink_evicted',
    type: 'counter',
    help: 'Items that were dropped because too many waited.',
    read: ({ evicted }) => evicted,
  },
  {
    name: 'smart_meter_sink_retries',
    type: 'counter',
    help: 'How often the sink was lost or could not be reached, and was tried again.',
    read: ({ retries }) => retries,
  },
  {
    name: 'smart_meter_sink_waiting',
    type: 'gauge',
    help: 'Items that wait for the sink.',
    read: ({ waiting }) => waiting,
  },
];

/** All figures of a process as families of OpenMetrics. */
export function familiesOf({ meters, sinks, queued }: ProcessFigures): readonly Family[] {
  return [
    ...METER_ROWS.map((row) => familyOf(row, meters, meterLabels)),
    ...SINK_ROWS.map((row) => familyOf(row, sinks, sinkLabels)),
    {
      name: 'smart_meter_queue_waiting',
      type: 'gauge',
      help: 'Items that wait to be handed to the sinks.',
      samples: [{ labels: {}, value: queued }],
    },
  ];
}

function familyOf<Source>(
  { read, ...family }: Row<Source>,
  sources: readonly Source[],
  labelsOf: (source: Source) => Labels,
): Family {
  const samples = sources.flatMap((source) => {
    const found = read(source);
    if (found === undefined) return [];
    const own = labelsOf(source);
    return typeof found === 'number'
      ? [{ labels: own, value: found }]
      : found.map(({ labels, value }) => ({ labels: { ...own, ...labels }, value }));
  });
  return { ...family, samples };
}

function meterLabels({ environment, device }: Meter): Labels {
  return { environment, device: device.id };
}

function sinkLabels({ place }: Sink): Labels {
  return { ...place };
}
