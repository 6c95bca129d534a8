import assert from 'node:assert/strict';
import { HOUSE } from '../vectors/csv/golden.js';
import { ALL, makeHistory, NOON, readAll, recorded, writeTo } from './histories.js';
import type { SinkAndSettings } from './sink-settings.js';

/** What every generation of InfluxDB must do: what was stored comes back, each once and in order of time, as far as it is asked for. @param text one that means something to its languages */
export async function comesBack({ kind, settings }: SinkAndSettings, text: string): Promise<void> {
  const { sink } = makeHistory(kind, settings);
  // More than two pages, the later half first.
  const items = Array.from({ length: 2_500 }, (_, n) =>
    recorded({ 'energy/imported-total': n / 8, ...(n % 3 === 0 && { 'power/net-usage': -(n + 1) }) }, NOON + n * 250, {
      device: HOUSE,
    }),
  );
  await writeTo(sink, items.slice(1_000), items.slice(0, 1_200), [
    recorded({ 'messages/text': text }, NOON + 1, { device: HOUSE }),
  ]);
  assert.deepEqual(
    await readAll(kind, settings),
    [
      ...items.map(({ at, values }) => ({ device: 'house', at, values: { ...values } })),
      { device: 'house', at: NOON + 1, values: { 'messages/text': text } },
    ].toSorted((one, other) => one.at - other.at),
  );
  const range = { device: 'house', paths: ['power/net-usage'], from: NOON + 750, to: NOON + 1_500 };
  assert.deepEqual(await readAll(kind, settings, range), [
    { device: 'house', at: NOON + 750, values: { 'power/net-usage': -4 } },
  ]);
  for (const nothing of [{ device: 'nobody' }, { paths: [] }, { from: 9e15 }, { from: NOON, to: NOON }])
    assert.deepEqual(await readAll(kind, settings, { ...ALL, ...nothing }), []);
}
