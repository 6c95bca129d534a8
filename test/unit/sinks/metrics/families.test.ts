import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FAULTS, NO_FIGURES } from '../../../../src/model/reading.js';
import type { ProcessFigures } from '../../../../src/pipeline/figures.js';
import { familiesOf } from '../../../../src/sinks/metrics/families.js';
import { printFamilies } from '../../../../src/sinks/metrics/open-metrics.js';
import { parseOpenMetrics, skipWithoutParser } from '../../../support/open-metrics.js';

const FIGURES: ProcessFigures = {
  meters: [
    {
      environment: 't210',
      device: { id: 'house', name: 'House' },
      state: 'failing',
      detail: 'damaged frame',
      figures: {
        ...NO_FIGURES,
        readings: 88,
        faults: 12,
        faultsOf: { ...NO_FIGURES.faultsOf, checksum: 12 },
        quarantined: 1,
        lost: 2,
        reconnects: 3,
      },
      ageMs: 4_250,
      oldestMs: 120_000,
    },
    {
      environment: 'heat',
      device: { id: 'cellar', name: 'Cellar' },
      state: 'waiting',
      detail: 'waiting for the first reading',
      figures: NO_FIGURES,
      ageMs: undefined,
      oldestMs: Infinity,
    },
  ],
  sinks: [
    {
      place: { environment: 't210', sink: 'homie', device: 'house' },
      delivered: 90,
      rejected: 4,
      merged: 5,
      evicted: 6,
      waiting: 2,
      retries: 7,
    },
    { place: { sink: 'metrics' }, delivered: 3, rejected: 0, merged: 0, evicted: 0, waiting: 0, retries: 0 },
  ],
  queued: 1,
};

/** The lines of one family, without its description. */
function linesOf(name: string): string[] {
  const text = printFamilies(familiesOf(FIGURES).filter((family) => family.name === name));
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

test('a meter is in one state', () => {
  assert.deepEqual(linesOf('smart_meter_state').slice(0, 4), [
    'smart_meter_state{environment="t210",device="house",smart_meter_state="waiting"} 0',
    'smart_meter_state{environment="t210",device="house",smart_meter_state="ok"} 0',
    'smart_meter_state{environment="t210",device="house",smart_meter_state="silent"} 0',
    'smart_meter_state{environment="t210",device="house",smart_meter_state="failing"} 1',
  ]);
});

test('the age of the last reading is in seconds, and absent before the first', () => {
  assert.deepEqual(linesOf('smart_meter_reading_age_seconds'), [
    'smart_meter_reading_age_seconds{environment="t210",device="house"} 4.25',
  ]);
});

test('frames are counted as good, or by what was wrong with them; every kind is there from the beginning', () => {
  assert.equal(linesOf('smart_meter_readings')[0], 'smart_meter_readings_total{environment="t210",device="house"} 88');
  const faults = linesOf('smart_meter_faults');
  assert.equal(faults.length, 2 * Object.keys(FAULTS).length);
  assert.equal(faults[0], 'smart_meter_faults_total{environment="t210",device="house",kind="checksum"} 12');
  assert.equal(faults[1], 'smart_meter_faults_total{environment="t210",device="house",kind="truncated"} 0');
});

test('each figure of a meter and of a sink is that of its family', () => {
  const first = (name: string): string | undefined => linesOf(name)[0]?.replace(/\{.*\}/, '');
  assert.deepEqual(
    ['quarantined_values', 'lost_telegrams', 'reconnects'].map((name) => first(`smart_meter_${name}`)),
    ['smart_meter_quarantined_values_total 1', 'smart_meter_lost_telegrams_total 2', 'smart_meter_reconnects_total 3'],
  );
  assert.deepEqual(
    ['delivered', 'rejected', 'merged', 'evicted', 'retries', 'waiting'].map((name) => first(`smart_meter_sink_${name}`)),
    [
      'smart_meter_sink_delivered_total 90',
      'smart_meter_sink_rejected_total 4',
      'smart_meter_sink_merged_total 5',
      'smart_meter_sink_evicted_total 6',
      'smart_meter_sink_retries_total 7',
      'smart_meter_sink_waiting 2',
    ],
  );
  assert.deepEqual(linesOf('smart_meter_queue_waiting'), ['smart_meter_queue_waiting 1']);
});

test('a sink has the labels that it is known by, one that all share fewer of them', () => {
  assert.deepEqual(linesOf('smart_meter_sink_delivered'), [
    'smart_meter_sink_delivered_total{environment="t210",sink="homie",device="house"} 90',
    'smart_meter_sink_delivered_total{sink="metrics"} 3',
  ]);
});

test('another implementation finds all of it valid, with these types and units', { skip: skipWithoutParser }, () => {
  const read = parseOpenMetrics(printFamilies(familiesOf(FIGURES)));
  assert.deepEqual(
    read.map(({ name, type, unit }) => [name, type, unit]),
    [
      ['smart_meter_state', 'stateset', ''],
      ['smart_meter_reading_age_seconds', 'gauge', 'seconds'],
      ['smart_meter_readings', 'counter', ''],
      ['smart_meter_faults', 'counter', ''],
      ['smart_meter_quarantined_values', 'counter', ''],
      ['smart_meter_lost_telegrams', 'counter', ''],
      ['smart_meter_reconnects', 'counter', ''],
      ['smart_meter_sink_delivered', 'counter', ''],
      ['smart_meter_sink_rejected', 'counter', ''],
      ['smart_meter_sink_merged', 'counter', ''],
      ['smart_meter_sink_evicted', 'counter', ''],
      ['smart_meter_sink_retries', 'counter', ''],
      ['smart_meter_sink_waiting', 'gauge', ''],
      ['smart_meter_queue_waiting', 'gauge', ''],
    ],
  );
});
