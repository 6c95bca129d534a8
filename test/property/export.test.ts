import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CsvDecoder } from '../../src/codecs/csv.js';
import { FORMATS } from '../../src/commands/export-rows.js';
import { layoutOf } from '../../src/commands/table-layouts.js';
import { TableReader } from '../../src/commands/table-reader.js';
import { localTimeOf } from '../../src/sinks/local-time.js';
import { DEVICE } from '../support/items.js';

const SERIES = [
  { device: DEVICE.id, path: 'energy/imported-total', unit: 'Wh' },
  { device: DEVICE.id, path: 'water/volume', unit: 'm³' },
  { device: DEVICE.id, path: 'messages/text' },
  { device: DEVICE.id, path: 'supply/on' },
] as const;

const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value));

/** Readings of any values, each with one at least, at times that calendars have. */
const readings = fc.array(
  fc.record({
    device: fc.constant(DEVICE.id),
    at: fc.integer({ min: 0, max: Date.UTC(2100, 0) }),
    values: fc
      .record(
        {
          'energy/imported-total': number,
          'water/volume': number,
          'messages/text': fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', 'é', '7', ' ') }),
          'supply/on': fc.boolean(),
        },
        { requiredKeys: [] },
      )
      .filter((values) => Object.keys(values).length > 0),
  }),
);

test('what is exported as CSV is read back as it was, value for value', () => {
  fc.assert(
    fc.property(readings, (stored) => {
      const rows = FORMATS.csv(localTimeOf('Europe/Vienna'), true);
      const text = rows.head(SERIES) + stored.map((each) => rows.reading(each)).join('');
      const decoder = new CsvDecoder();
      const cells = [...decoder.push(text), ...decoder.end()].map((row) =>
        row.kind === 'row' ? row.cells : assert.fail(row.detail),
      );
      const layout = layoutOf(cells[0]?.map((cell) => cell.text) ?? [], 'UTC');
      assert.ok(layout);
      const reader = new TableReader({ layout, device: DEVICE, catalogue: {}, latest: Infinity });
      const read = cells.slice(1).map((row) => reader.read(row));
      assert.deepEqual(
        read.flatMap(({ problems }) => problems),
        [],
      );
      assert.deepEqual(
        read.flatMap((result) =>
          result.readings.map(({ device, measuredAt, values }) => ({ device: device.id, at: measuredAt, values })),
        ),
        stored.map(({ device, at, values }) => ({ device, at, values: { ...values } })),
      );
    }),
  );
});
