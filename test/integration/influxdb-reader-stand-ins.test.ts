import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { LinkError } from '../../src/model/errors.js';
import { ALL, NOON, readAll, recorded, writeTo } from '../support/histories.js';
import { fluxStandIn, sqlStandIn } from '../support/influx-query.js';
import { comesBack } from '../support/influx-reader-contract.js';
import { startInfluxStandIn } from '../support/influx-stand-in.js';
import { follow, startProgram } from '../support/program.js';
import { historyOf, sinkOf } from '../support/sink-settings.js';
import { startWebServer } from '../support/web-server.js';
import { HOUSE } from '../vectors/csv/golden.js';

const TOKEN = 'dG9rZW4gb2YgdGhlIHRlc3Rz==';
const SECRETS = `token = "${TOKEN}"`;

const BUCKET = 'my "meters" ${1 + 1}';
const V2 = {
  path: '/api/v2/write',
  query: { org: 'our home', bucket: BUCKET, precision: 'ms' },
  authorization: `Token ${TOKEN}`,
};
const V3 = {
  path: '/api/v3/write_lp',
  query: { db: 'meters', precision: 'millisecond', accept_partial: 'true', no_sync: 'false' },
  authorization: `Bearer ${TOKEN}`,
};
const GENERATIONS = [
  {
    version: 2,
    wanted: V2,
    queried: fluxStandIn('our home', BUCKET, V2.authorization),
    toml: (url: string) => `version = 2\nurl = "${url}"\norg = "our home"\nbucket = '${BUCKET}'\n`,
  },
  {
    version: 3,
    wanted: V3,
    queried: sqlStandIn('meters', V3.authorization),
    toml: (url: string) => `version = 3\nurl = "${url}"\ndatabase = "meters"\n`,
  },
] as const;

for (const { version, wanted, queried, toml } of GENERATIONS) {
  test(`version ${version}: what was stored comes back, each once and in order of time, as far as it is asked for`, async () => {
    await using server = await startInfluxStandIn(wanted, () => undefined, queried);
    await comesBack(await sinkOf('influxdb', toml(server.url), SECRETS), 'ä "b", \\ ${c}');
    assert.deepEqual(server.complaints, []);
  });

  test(`version ${version}: from a table into the store and back: the same table`, async () => {
    const agent = /^smart-meter-reader\/\S+$/;
    await using server = await startInfluxStandIn({ ...wanted, agent }, () => undefined, queried);
    const rows = Array.from({ length: 700 }, (_, n) => {
      const time = new Date(NOON + n * 10_000).toISOString().slice(0, 'YYYY-MM-DDThh:mm:ss'.length);
      return `${time}Z,${time}+00:00,house,${1000 + n / 8},${n}\r\n`;
    });
    const table = `time_utc,time_local,meter,energy/imported-total (kWh),power/current-usage (W)\r\n${rows.join('')}`;
    await using program = await startProgram({
      args: ['--version'],
      settings: {
        'house.toml': `device.id = "house"\nclient.type = "dummy"\n[sinks.influxdb]\n${toml(server.url)}`,
        'house.secrets.toml': `[sinks.influxdb]\n${SECRETS}`,
      },
    });
    await program.exit;
    await writeFile(join(program.folder, 'old.csv'), table);
    const loaded = await follow(program, 'backfill', 'house', 'old.csv');
    assert.equal(loaded.code, 0, loaded.err);
    const back = await follow(program, 'export', 'house', '--zone', 'UTC');
    assert.equal(back.code, 0, back.err);
    assert.equal(back.out, table);
    assert.deepEqual(server.complaints, []);
  });

  test(`version ${version}: names that mean something to the query language are names`, async () => {
    await using server = await startInfluxStandIn(wanted, () => undefined, queried);
    const map = `${toml(server.url)}map.select = '''o'k"x = energy/imported-total kWh, n = tariff/current integer'''\n`;
    const { kind, settings } = await sinkOf('influxdb', map, SECRETS);
    const { sink } = await historyOf('influxdb', map, SECRETS);
    const ids = [`x' OR "device" != '`, 'back\\slash', '" or true or r.device == "', '${bucket}', `a''b""c`];
    const valuesOf = (n: number) => ({ 'energy/imported-total': n * 1_000, 'tariff/current': 2 });
    await writeTo(
      sink,
      ids.map((id, n) => recorded(valuesOf(n), NOON, { device: { ...HOUSE, id } })),
    );
    for (const [n, device] of ids.entries())
      assert.deepEqual(await readAll(kind, settings, { ...ALL, device }), [
        { device, at: NOON, values: { 'energy/imported-total': n, 'tariff/current': 2 } },
      ]);
    assert.deepEqual(server.complaints, []);
  });

  test(`version ${version}: what cannot be read is said in a line that shows no secret`, async () => {
    await using server = await startWebServer(() => ({ status: 401, text: `{"message":"unauthorized ${TOKEN}"}` }));
    const { kind, settings } = await sinkOf('influxdb', toml(server.url), SECRETS);
    await assert.rejects(readAll(kind, settings), (error) => {
      assert.ok(error instanceof LinkError);
      assert.match(error.message, /it does not accept the user name and password, or the token \(\(not shown/);
      return true;
    });
    await using other = await startWebServer(() => ({ status: 200, text: '<html>"' }));
    const wrong = await sinkOf('influxdb', toml(other.url), SECRETS);
    await assert.rejects(readAll(wrong.kind, wrong.settings), LinkError);
  });
}

test('an error in the midst of an answer of version 2 is one', async () => {
  const text = '#datatype,string,string\r\n,error,reference\r\n,query terminated,897\r\n';
  await using server = await startWebServer(() => ({ status: 200, text }));
  const { kind, settings } = await sinkOf('influxdb', GENERATIONS[0].toml(server.url), SECRETS);
  await assert.rejects(readAll(kind, settings), /query terminated/);
});
