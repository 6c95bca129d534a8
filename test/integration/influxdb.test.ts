import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LinkError, RejectedError } from '../../src/model/errors.js';
import { HOUR, NOON, outage, recorded, writeTo } from '../support/histories.js';
import { skipWithoutInfluxdb, startInfluxdb } from '../support/influxdb.js';
import { historyOf, sinkOf } from '../support/sink-settings.js';
import { FLUVIUS, HOUSE } from '../vectors/csv/golden.js';

const options = { skip: skipWithoutInfluxdb };

const tomlOf = (url: string, lines = ''): string => `version = 1\nurl = "${url}"\ndatabase = "house"\n${lines}`;

test('a store that is killed and stays away for an hour has every reading exactly once', options, async () => {
  await using influxdb = await startInfluxdb();
  const { kind, settings } = await sinkOf('influxdb', tomlOf(influxdb.url));
  const said = await outage(kind, settings, (up) => (up ? influxdb.start() : influxdb.kill()));
  assert.ok(said.size > HOUR);
  const rows = await influxdb.query('SELECT imported_total, device FROM energy', 'house');
  assert.deepEqual(
    rows,
    [...said].map(([time, values]) => ({ time, imported_total: values['energy/imported-total'], device: 'test-meter' })),
  );
  assert.equal((await influxdb.query('SELECT current_usage FROM power', 'house')).length, said.size);
});

test('the database is made where it is not there, unless that is not wanted', options, async () => {
  await using influxdb = await startInfluxdb();
  const items = [
    recorded(FLUVIUS.electricity, FLUVIUS.at, { device: HOUSE }),
    recorded(FLUVIUS.gas, FLUVIUS.gasAt, { device: HOUSE }),
  ];
  const { sink: careful } = await historyOf('influxdb', tomlOf(influxdb.url, 'create_database = false\n'));
  await assert.rejects(writeTo(careful, items), (error) => {
    assert.ok(error instanceof LinkError);
    assert.match(error.message, /there is no such database or bucket.* \(404 database not found: "house"\)$/);
    return error.retryAfterMs === 300_000;
  });
  const { sink, log } = await historyOf('influxdb', tomlOf(influxdb.url, 'preset = "belgian"\n'));
  await writeTo(sink, items);
  assert.deepEqual(log.of('info'), ['made the database']);
  assert.deepEqual(await influxdb.query('SELECT * FROM gas', 'house'), [
    { time: FLUVIUS.gasAt, total_gas_consumption: 3775.342 },
  ]);
  const [row] = await influxdb.query('SELECT * FROM electricity', 'house');
  assert.equal(row?.time, FLUVIUS.at);
  assert.equal(Object.keys(row ?? {}).length, 20);
  assert.deepEqual(
    await influxdb
      .query('SHOW FIELD KEYS FROM electricity', 'house')
      .then((keys) => keys.filter(({ fieldType }) => fieldType !== 'float')),
    [{ fieldKey: 'actual_tariff', fieldType: 'integer' }],
  );
});

test('a field keeps its type whatever its value is, and texts come back as they went', options, async () => {
  await using influxdb = await startInfluxdb();
  const { sink } = await historyOf('influxdb', tomlOf(influxdb.url, 'tags.place = "cellar, 1=left \\\\ \\"x\\""\n'));
  const text = 'say "no", back\\slash, a = b, ä';
  await writeTo(
    sink,
    [recorded({ 'power/net-usage': 5, 'messages/text': text }, NOON, { device: HOUSE })],
    [
      recorded({ 'power/net-usage': -0.5 }, NOON + 1_000, { device: HOUSE }),
      recorded({ 'power/net-usage': 0 }, NOON + 2_000, { device: HOUSE }),
    ],
  );
  assert.deepEqual(
    (await influxdb.query('SELECT net_usage FROM power', 'house')).map(({ net_usage: watts }) => watts),
    [5, -0.5, 0],
  );
  const place = 'cellar, 1=left \\ "x"';
  assert.deepEqual(await influxdb.query('SELECT * FROM messages', 'house'), [{ time: NOON, device: 'house', place, text }]);
});

test('what comes again replaces itself, the newer of two wins', options, async () => {
  await using influxdb = await startInfluxdb();
  const { sink } = await historyOf('influxdb', tomlOf(influxdb.url));
  const items = [1, 2, 3].map((n) => recorded({ 'energy/imported-total': n }, NOON + n));
  await writeTo(sink, items, items, [recorded({ 'energy/imported-total': 30 }, NOON + 3)]);
  const rows = await influxdb.query('SELECT imported_total FROM energy', 'house');
  assert.deepEqual(
    rows.map(({ imported_total: total }) => total),
    [1, 2, 30],
  );
});

test('lines that conflict with what others have stored are dropped alone', options, async () => {
  await using influxdb = await startInfluxdb();
  await influxdb.query('CREATE DATABASE house');
  const other = await fetch(`${influxdb.url}/write?db=house`, {
    method: 'POST',
    body: `power current_usage="high" ${NOON}000000`,
  });
  assert.equal(other.status, 204);
  const { sink } = await historyOf('influxdb', tomlOf(influxdb.url));
  const items = Array.from({ length: 20 }, (_, n) =>
    recorded({ 'energy/imported-total': n, ...(n % 7 === 3 && { 'power/current-usage': n }) }, NOON + n * 1_000),
  );
  await assert.rejects(writeTo(sink, items), (error) => {
    assert.ok(error instanceof RejectedError);
    assert.match(error.message, /refuses lines: 400 partial write: field type conflict/);
    assert.deepEqual(error.which, [3, 10, 17]);
    return true;
  });
  assert.equal((await influxdb.query('SELECT imported_total FROM energy', 'house')).length, 20);
});

test('what is older than the store keeps is dropped, the rest is stored', options, async () => {
  await using influxdb = await startInfluxdb();
  await influxdb.query('CREATE DATABASE house WITH DURATION 1h');
  const now = Date.now();
  const { sink } = await historyOf('influxdb', tomlOf(influxdb.url));
  const items = Array.from({ length: 100 }, (_, n) => recorded({ 'energy/imported-total': n }, n < 60 ? NOON + n : now + n));
  await assert.rejects(writeTo(sink, items), (error) => {
    assert.ok(error instanceof RejectedError);
    assert.deepEqual(error.which, [...Array(60).keys()]);
    return true;
  });
  assert.equal((await influxdb.query('SELECT imported_total FROM energy', 'house')).length, 40);
});

test('what is larger than the store takes goes in smaller parts', options, async () => {
  await using influxdb = await startInfluxdb({ http: ['max-body-size = 2000'] });
  const { sink } = await historyOf('influxdb', tomlOf(influxdb.url, 'gzip = false\n'));
  await writeTo(
    sink,
    Array.from({ length: 200 }, (_, n) => recorded({ 'energy/imported-total': n }, NOON + n)),
  );
  assert.equal((await influxdb.query('SELECT imported_total FROM energy', 'house')).length, 200);
});

test('user name and password are used, and wrong ones are said without showing them', options, async () => {
  const admin = { username: 'meter', password: 'Korrekt "Pferd" Batterie' } as const;
  await using influxdb = await startInfluxdb({ admin });
  const toml = tomlOf(influxdb.url, 'username = "meter"\n');
  const items = [recorded({ 'energy/imported-total': 1 })];
  const { sink: wrong } = await historyOf('influxdb', toml, 'password = "something else"');
  await assert.rejects(writeTo(wrong, items), (error) => {
    assert.ok(error instanceof LinkError);
    assert.match(error.message, /it does not accept the user name and password, or the token \(401 authorization failed\)$/);
    return error.retryAfterMs === 300_000;
  });
  const { sink } = await historyOf('influxdb', toml, `password = '${admin.password}'`);
  await writeTo(sink, items);
  assert.equal((await influxdb.query('SELECT * FROM energy', 'house')).length, 1);
});
