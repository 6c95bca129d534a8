import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { encodeCapture } from '../../src/transports/capture.js';
import { fluvius } from '../support/dsmr.js';
import { skipWithoutInfluxdb, startInfluxdb } from '../support/influxdb.js';
import { type Done, follow, startProgram } from '../support/program.js';

/** Two stores of one meter; relative folders are below the program's own. */
const HOUSE = `device.id = "house"
[client]
type = "dummy"
interval = "100ms"
[sinks.one]
type = "csv"
folder = "one"
time_zone = "Europe/Vienna"
write_interval = "100ms"
[sinks.other]
type = "csv"
folder = "other"
time_zone = "Europe/Vienna"
`;

const HEADER = 'time_utc,time_local,meter,energy/imported-total (kWh),power/current-usage (W)';

/** Runs a command with its files beside the settings; what it leaves is there for `again`. */
async function start(args: readonly string[], settings: string = HOUSE, files: Readonly<Record<string, string | Buffer>> = {}) {
  const program = await startProgram({ args: ['--version'], settings: { 'house.toml': settings } });
  await program.exit;
  for (const [name, text] of Object.entries(files)) await writeFile(join(program.folder, name), text);
  return { program, ...(await follow(program, ...args)) };
}

/** A row of the dummy meter in Vienna's winter, `n` times ten seconds after noon. */
function row(n: number): string {
  const at = Date.UTC(2026, 0, 15, 12) + n * 10_000;
  const print = (time: number): string => new Date(time).toISOString().slice(0, 'YYYY-MM-DDThh:mm:ss'.length);
  return `${print(at)}Z,${print(at + 3_600_000)}+01:00,house,${1000 + n},${n}`;
}

/** A table of the dummy meter. */
function table(rows: readonly string[]): string {
  return [HEADER, ...rows, ''].join('\r\n');
}

test('what a service has stored goes into another store and comes out the same, while the service goes on', async () => {
  await using service = await startProgram({ args: ['run', 'house'], settings: { 'house.toml': HOUSE } });
  await service.says(/first reading received/);
  let first: Done;
  do first = await follow(service, 'export', 'house', '--sink', 'one', '--to', '2100');
  while (first.out.split('\r\n').length < 10);
  await writeFile(join(service.folder, 'first.csv'), first.out);
  await service.end('SIGTERM');
  const refused = await follow(service, 'export', 'house', '--sink', 'one', '-o', 'first.csv');
  assert.equal(refused.code, 73);
  await follow(service, 'export', 'house', '--sink', 'one', '-o', 'all.csv');
  const all = await readFile(join(service.folder, 'all.csv'), 'utf8');
  assert.ok(all.startsWith(first.out));
  // The other store has had the same readings, each at its time: loading them again makes no difference to whoever reads it.
  for (let times = 0; times < 2; times++) {
    const loaded = await follow(service, 'backfill', 'house', 'all.csv', '--sink', 'other');
    assert.equal(loaded.code, 0, loaded.err);
    assert.equal((await follow(service, 'export', 'house', '--sink', 'other')).out, all);
  }
});

test('a range, a property, a resolution and a format are chosen; dates are those of the zone', async () => {
  const day = Array.from({ length: 8_641 }, (_, n) => row(n - 4_680));
  const { program, ...loaded } = await start(['backfill', 'house', 'day.csv.gz', '--sink', 'one'], HOUSE, {
    'day.csv.gz': gzipSync(table(day)),
  });
  await using _ = program;
  assert.equal(loaded.code, 0, loaded.err);
  assert.equal(loaded.out, '8641 readings loaded\n');
  const exported = async (...args: readonly string[]): Promise<string> => {
    const done = await follow(program, 'export', 'house', '--sink', 'one', ...args);
    assert.equal(done.code, 0, done.err);
    return done.out;
  };
  assert.equal(
    await exported('--from', '2026-01-15T13:00', '--to', '2026-01-15T13:00:20', '--property', 'power/current-usage'),
    'time_utc,time_local,meter,power/current-usage (W)\r\n' +
      '2026-01-15T12:00:00Z,2026-01-15T13:00:00+01:00,house,0\r\n' +
      '2026-01-15T12:00:10Z,2026-01-15T13:00:10+01:00,house,1\r\n',
  );
  // From 23:00 UTC to 23:00 UTC: 8,640 readings, of which the last is the 3,959th after noon.
  assert.equal(
    await exported('--from', '2026-01-15', '--to', '2026-01-15', '--resolution', '1d', '--property', 'energy/imported-total'),
    'from_utc,to_utc,meter,property,unit,count,first,last,min,max,mean\r\n' +
      '2026-01-14T23:00:00Z,2026-01-15T23:00:00Z,house,energy/imported-total,kWh,8640,-3680,4959,-3680,4959,639.5\r\n',
  );
  const quarters = await exported('--from', '2026-01-15', '--to', '2026-01-15', '--resolution', '15m', '--format', 'json');
  assert.equal(quarters.split('\n').length - 1, 96);
  assert.equal(
    await exported('--from', '2026-01-16T00:00', '--format', 'line-protocol'),
    'energy,device=house imported_total=4960 1768518000000000000\npower,device=house current_usage=3960 1768518000000000000\n',
  );
  assert.equal(await exported('--device', 'nobody', '--format', 'json'), '');
});

test('from files into a database and back into files: the same readings, the same sums', async () => {
  const settings = `${HOUSE}[sinks.sql]\ntime_zone = "Europe/Vienna"\ndatabase.path = "house.sqlite"\n`;
  const rows = Array.from({ length: 2_000 }, (_, n) => row(n * 30));
  const { program, ...loaded } = await start(['backfill', 'house', 'old.csv', '--sink', 'one'], settings, {
    'old.csv': table(rows),
  });
  await using _ = program;
  assert.equal(loaded.code, 0, loaded.err);
  const exported = async (...args: readonly string[]): Promise<string> => {
    const done = await follow(program, 'export', 'house', '--sink', ...args);
    assert.equal(done.code, 0, done.err);
    return done.out;
  };
  await writeFile(join(program.folder, 'one.csv'), await exported('one'));
  for (let times = 0; times < 2; times++) {
    const moved = await follow(program, 'backfill', 'house', 'one.csv', '--sink', 'sql');
    assert.equal(moved.code, 0, moved.err);
    assert.equal(await exported('sql'), table(rows));
  }
  await writeFile(join(program.folder, 'sql.csv'), await exported('sql'));
  assert.equal((await follow(program, 'backfill', 'house', 'sql.csv', '--sink', 'other')).code, 0);
  assert.equal(await exported('other'), table(rows));
  for (const resolution of ['15m', '1d', '1M'])
    assert.equal(await exported('sql', '--resolution', resolution), await exported('other', '--resolution', resolution));
});

test(
  'from files into an InfluxDB and back: every reading once, however often it is loaded',
  { skip: skipWithoutInfluxdb },
  async () => {
    await using influxdb = await startInfluxdb();
    const settings = `${HOUSE}[sinks.influxdb]\nurl = "${influxdb.url}"\nversion = 1\ndatabase = "meter"\n`;
    const rows = Array.from({ length: 700 }, (_, n) => row(n));
    const { program, ...loaded } = await start(['backfill', 'house', 'old.csv', '--sink', 'influxdb'], settings, {
      'old.csv': table(rows),
    });
    await using _ = program;
    assert.equal(loaded.code, 0, loaded.err);
    const again = await follow(program, 'backfill', 'house', 'old.csv', '--sink', 'influxdb');
    assert.equal(again.code, 0, again.err);
    const [found] = await influxdb.query('SELECT COUNT(current_usage), MAX(current_usage) FROM power', 'meter');
    assert.deepEqual([found?.count, found?.max], [700, 699]);
    const back = await follow(program, 'export', 'house', '--sink', 'influxdb', '--zone', 'Europe/Vienna');
    assert.equal(back.code, 0, back.err);
    assert.equal(back.out, table(rows));
  },
);

test('rows that cannot be read are told with their lines, and everything else is loaded', async () => {
  const rows = [
    row(0),
    row(1).replace('1001', 'n/a'),
    'yesterday,,house,1,2',
    'short,row',
    row(2),
    `"${row(3)}`,
    row(4),
    row(5).slice(0, -3),
  ];
  const { program, ...loaded } = await start(['backfill', 'house', 'bad.csv', '--sink', 'one'], HOUSE, {
    'bad.csv': table(rows),
  });
  await using _ = program;
  assert.equal(loaded.code, 65);
  assert.equal(loaded.out, '4 readings loaded, 5 rejected\n');
  assert.deepEqual(loaded.err.trim().split('\n'), [
    'line 3: energy/imported-total: "n/a" is no number',
    'line 4: it says no time',
    'line 5: 2 cells, and 5 in the first line',
    'line 7: a quote is opened and not closed',
    'line 9: 4 cells, and 5 in the first line',
  ]);
  const { out } = await follow(program, 'export', 'house', '--sink', 'one');
  assert.equal(out, table([row(0), row(1).replace('1001', ''), row(2), row(4)]));
});

test('what is stopped goes on where it was, and nothing is loaded twice', async () => {
  const all = Array.from({ length: 100_000 }, (_, n) => row(n - 150_000));
  const { program } = await start(['--version'], HOUSE, { 'long.csv': table(all) });
  await using _ = program;
  await using loading = await program.again(['backfill', 'house', 'long.csv', '--sink', 'one']);
  while (!existsSync(join(program.folder, 'one', 'house')) || readdirSync(join(program.folder, 'one', 'house')).length < 2)
    await sleep(20);
  const { code } = await loading.end('SIGINT');
  assert.equal(code, 65);
  const [, line = ''] = /^stopped before the end: it goes on with --from-line (\d+)$/m.exec(loading.stderr()) ?? [];
  assert.ok(Number(line) > 2 && Number(line) < 100_000, loading.stderr());
  const rest = await follow(program, 'backfill', 'house', 'long.csv', '--sink', 'one', '--from-line', line);
  assert.equal(rest.code, 0, rest.err);
  const files = readdirSync(join(program.folder, 'one', 'house')).toSorted();
  const texts = await Promise.all(files.map((name) => readFile(join(program.folder, 'one', 'house', name), 'utf8')));
  const stored = texts.flatMap((text) => text.split('\r\n').slice(1, -1));
  assert.deepEqual(stored.map((text) => text.slice(0, 20)).toSorted(), all.map((text) => text.slice(0, 20)).toSorted());
});

test('a recording is loaded through the client, each value under the time at which it was measured', async () => {
  const settings = `device.id = "house"\n[client]\ntype = "p1"\ntime_zone = "Europe/Brussels"\n[client.link]\ntype = "tcp"\nhost = "127.0.0.1"\nport = 9\n[sinks.csv]\nfolder = "one"\n`;
  const started = Date.UTC(2026, 0, 15, 11, 4, 59);
  const chunks = [0, 1, 2].map((n) => ({
    atMs: 1_000 + n * 10_000,
    direction: 'from' as const,
    bytes: fluvius(100 + n, `2601151205${n}0W`),
  }));
  const header = { client: 'p1', started: new Date(started).toISOString() };
  const { program, ...loaded } = await start(['backfill', 'house', 'a.capture'], settings, {
    'a.capture': encodeCapture({ header, chunks }),
    'b.capture': encodeCapture({ header: {}, chunks }),
  });
  await using _ = program;
  assert.equal(loaded.code, 0, loaded.err);
  const { out } = await follow(program, 'export', 'house', '--property', 'power/current-usage,gas/volume', '--format', 'json');
  const found = out
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text) as { time: string; values: Record<string, number> });
  assert.deepEqual(
    found.map(({ time, values }) => [time, values['power/current-usage']]),
    [
      ['2026-01-15T11:00:00Z', undefined],
      ['2026-01-15T11:05:00Z', 100],
      ['2026-01-15T11:05:10Z', 101],
      ['2026-01-15T11:05:20Z', 102],
    ],
  );
  assert.equal(typeof found[0]?.values['gas/volume'], 'number');
  const unknown = await follow(program, 'backfill', 'house', 'b.capture');
  assert.equal(unknown.code, 65);
  assert.match(unknown.err, /b\.capture does not say when it was recorded: say it with --started/);
  const told = await follow(program, 'backfill', 'house', 'b.capture', '--started', '2026-01-15T12:04:59');
  assert.equal(told.code, 0, told.err);
  assert.equal(
    (await follow(program, 'export', 'house', '--property', 'power/current-usage,gas/volume', '--format', 'json')).out,
    out,
  );
});

test('what cannot be done is said in one line', async () => {
  const { program, ...several } = await start(['export', 'house'], HOUSE, { 'else.csv': 'a,b\n1,2\n' });
  await using _ = program;
  assert.deepEqual(
    [several.code, several.err.split('\n')[0]],
    [64, 'smart-meter-reader: choose one of several with --sink: one, other'],
  );
  const cases = [
    [['export', 'house', '--sink', 'homie'], 64, /"homie" is no sink of it: there is one, other/],
    [['export', 'house', '--sink', 'one', '--from', 'monday'], 64, /--from takes a time such as 2026, .*, not "monday"/],
    [
      ['export', 'house', '--sink', 'one', '--zone', 'Vienna'],
      64,
      /--zone takes a time zone such as Europe\/Vienna, not "Vienna"/,
    ],
    [['export', 'house', '--sink', 'one', '--resolution', '1h'], 64, /--resolution takes one of raw, 15m, 1d, 1M, not "1h"/],
    [['export', 'house', '--sink', 'one', '--format', 'xml'], 64, /--format takes one of csv, json, line-protocol, not "xml"/],
    [['export', 'house', '--sink', 'one', '--property', 'power'], 64, /--property takes node\/property/],
    [['backfill', 'house', '--sink', 'one', 'nothing.csv'], 66, /cannot read .*nothing\.csv: there is no such file/],
    [['backfill', 'house', '--sink', 'one', 'else.csv'], 65, /else\.csv is no recording, and no table that is known here/],
  ] as const;
  for (const [args, code, said] of cases) {
    const done = await follow(program, ...args);
    assert.equal(done.code, code, done.err);
    assert.match(done.err, said);
  }
  await writeFile(
    join(program.folder, 'settings', 'house.toml'),
    HOUSE.replaceAll('"csv"', '"homie"').replaceAll(/^(folder|time_zone|write_interval).*\n/gm, ''),
  );
  const none = await follow(program, 'export', 'house');
  assert.equal(none.code, 78, none.err);
});
