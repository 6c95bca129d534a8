import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, LinkError } from '../../src/model/errors.js';
import { ALL, NOON, readAll, recorded, withReader, writeTo } from '../support/histories.js';
import { comesBack } from '../support/influx-reader-contract.js';
import { skipWithoutInfluxdb, startInfluxdb } from '../support/influxdb.js';
import { historyOf, sinkOf } from '../support/sink-settings.js';
import { HOUSE } from '../vectors/csv/golden.js';

const options = { skip: skipWithoutInfluxdb };

const tomlOf = (url: string, lines = ''): string => `version = 1\nurl = "${url}"\ndatabase = "my \\"house\\""\n${lines}`;

const never = new AbortController().signal;

test('what was stored comes back, each once and in order of time, as far as it is asked for', options, async () => {
  await using influxdb = await startInfluxdb();
  const store = await sinkOf('influxdb', tomlOf(influxdb.url));
  await comesBack(store, 'ä "b" \\');
  assert.deepEqual(await withReader(store.kind, store.settings, (reader) => reader.series(ALL, never)), [
    { device: 'house', path: 'energy/imported-total' },
    { device: 'house', path: 'messages/text' },
    { device: 'house', path: 'power/net-usage' },
  ]);
});

test('a server that gives less than it is asked for loses nothing', options, async () => {
  await using influxdb = await startInfluxdb({ http: ['max-row-limit = 7'] });
  const { kind, settings } = await sinkOf('influxdb', tomlOf(influxdb.url));
  const { sink } = await historyOf('influxdb', tomlOf(influxdb.url));
  const items = Array.from({ length: 100 }, (_, n) => recorded({ 'energy/imported-total': n }, NOON + n));
  await writeTo(sink, items);
  assert.deepEqual(
    (await readAll(kind, settings)).map(({ values }) => values['energy/imported-total']),
    items.map(({ values }) => values['energy/imported-total']),
  );
});

test('names that mean something to the query language are names', options, async () => {
  await using influxdb = await startInfluxdb();
  const lines = `tags.device_x = "1"\nmap.select = '''o'k"x = energy/imported-total kWh, n = power/net-usage integer'''\n`;
  const { kind, settings } = await sinkOf('influxdb', tomlOf(influxdb.url, lines));
  const { sink } = await historyOf('influxdb', tomlOf(influxdb.url, lines));
  const ids = [`x' OR "device" != '`, 'back\\slash', `q"; DROP DATABASE "house"`];
  for (const [n, id] of ids.entries())
    await writeTo(sink, [
      recorded({ 'energy/imported-total': n * 1_000, 'power/net-usage': 5 }, NOON, { device: { ...HOUSE, id } }),
    ]);
  for (const [n, device] of ids.entries())
    assert.deepEqual(await readAll(kind, settings, { ...ALL, device }), [
      { device, at: NOON, values: { 'energy/imported-total': n, 'power/net-usage': 5 } },
    ]);
  assert.deepEqual(await withReader(kind, settings, (reader) => reader.series({ ...ALL, device: ids[1] }, never)), [
    { device: ids[1], path: 'energy/imported-total', unit: 'kWh' },
    { device: ids[1], path: 'power/net-usage' },
  ]);
});

test('what cannot be read is said in a line', options, async () => {
  await using influxdb = await startInfluxdb();
  const foreign = await sinkOf('influxdb', tomlOf(influxdb.url, 'preset = "belgian"\n'));
  await assert.rejects(readAll(foreign.kind, foreign.settings), (error) => {
    assert.ok(error instanceof ConfigError);
    return error.problems[0]?.message === 'only points of the preset "native" or of a map can be read back';
  });
  const { kind, settings } = await sinkOf('influxdb', tomlOf(influxdb.url));
  await assert.rejects(readAll(kind, settings), (error) => {
    assert.ok(error instanceof LinkError);
    assert.match(error.message, /database not found: my "house"/);
    return true;
  });
  await influxdb.kill();
  await assert.rejects(readAll(kind, settings), /cannot reach http:.*nothing listens there/);
});
