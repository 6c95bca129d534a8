import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { printFamilies, type Family } from '../../../../src/sinks/metrics/open-metrics.js';
import { parseOpenMetrics, skipWithoutParser } from '../../../support/open-metrics.js';

// OpenMetrics 1.0, "Overall Structure" and "Escaping".

test('a counter has its suffix in the samples only, and the text ends with EOF', () => {
  const family: Family = {
    name: 'smart_meter_readings',
    type: 'counter',
    help: 'Good frames and answers.',
    samples: [
      { labels: { environment: 't210', device: 'house' }, value: 17 },
      { labels: { environment: 'heat', device: 'cellar' }, value: 0 },
    ],
  };
  assert.equal(
    printFamilies([family]),
    `# TYPE smart_meter_readings counter
# HELP smart_meter_readings Good frames and answers.
smart_meter_readings_total{environment="t210",device="house"} 17
smart_meter_readings_total{environment="heat",device="cellar"} 0
# EOF
`,
  );
});

test('a gauge with a unit says it, and one without labels has no braces', () => {
  const samples = [{ labels: {}, value: 0.25 }];
  assert.equal(
    printFamilies([{ name: 'age_seconds', type: 'gauge', unit: 'seconds', help: 'Age.', samples }]),
    '# TYPE age_seconds gauge\n# UNIT age_seconds seconds\n# HELP age_seconds Age.\nage_seconds 0.25\n# EOF\n',
  );
});

test('line feeds, quotes and backslashes are escaped', () => {
  const samples = [{ labels: { name: 'a "b"\\c\nd' }, value: 1 }];
  assert.equal(
    printFamilies([{ name: 'x', type: 'gauge', help: 'a "b"\\c\nd', samples }]),
    '# TYPE x gauge\n# HELP x a \\"b\\"\\\\c\\nd\nx{name="a \\"b\\"\\\\c\\nd"} 1\n# EOF\n',
  );
});

test('nothing is the end alone', () => {
  assert.equal(printFamilies([]), '# EOF\n');
});

test('another implementation reads what was written, whatever the labels are', { skip: skipWithoutParser }, () => {
  const labels = fc.array(
    fc.string({ unit: 'binary' }).filter((text) => !/[\ud800-\udfff]/.test(text)),
    { maxLength: 5 },
  );
  const texts = fc.sample(labels, { numRuns: 200, seed: 1 }).flat();
  const values = new Map(texts.map((text, index) => [text, index / 8]));
  const family: Family = {
    name: 'x',
    type: 'gauge',
    help: 'Help.',
    samples: [...values].map(([text, value]) => ({ labels: { text }, value })),
  };
  const [read] = parseOpenMetrics(printFamilies([family]));
  assert.deepEqual(
    read?.samples,
    [...values].map(([text, value]) => ['x', { text }, value]),
  );
});
