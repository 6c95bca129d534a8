import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LinkError, RejectedError } from '../../src/model/errors.js';
import type { HistorySink } from '../../src/pipeline/sink.js';
import { NOON, outage, recorded, writeTo } from '../support/histories.js';
import { startInfluxStandIn, type InfluxStandIn } from '../support/influx-stand-in.js';
import { AUTHORITY, LOCALHOST } from '../support/mqtt-certificates.js';
import { historyOf, sinkOf } from '../support/sink-settings.js';
import { startWebServer, type Answering } from '../support/web-server.js';

const TOKEN = 'dG9rZW4gb2YgdGhlIHRlc3Rz==';
const SECRETS = `token = "${TOKEN}"`;

/** InfluxDB v2 API, "Write data"; InfluxDB 3 Core API, "Write line protocol". */
const V2 = {
  path: '/api/v2/write',
  query: { org: 'our home', bucket: 'meters', precision: 'ms' },
  authorization: `Token ${TOKEN}`,
};
const V3 = {
  path: '/api/v3/write_lp',
  query: { db: 'meters', precision: 'millisecond', accept_partial: 'true', no_sync: 'false' },
  authorization: `Bearer ${TOKEN}`,
};
const v2Toml = (url: string): string => `version = 2\nurl = "${url}"\norg = "our home"\nbucket = "meters"\n`;
const v3Toml = (url: string): string => `version = 3\nurl = "${url}"\ndatabase = "meters"\n`;

const readings = (count: number) =>
  Array.from({ length: count }, (_, n) => recorded({ 'energy/imported-total': n }, NOON + n * 1_000));

/** The totals that arrived, by their order in time. */
const stored = ({ points }: InfluxStandIn) =>
  [...points.values()]
    .filter(({ measurement }) => measurement === 'energy')
    .toSorted((one, other) => Number(one.timestamp - other.timestamp))
    .map(({ fields }) => fields.imported_total);

async function thrownBy(sink: HistorySink, items: Parameters<typeof writeTo>[1]): Promise<unknown> {
  return writeTo(sink, items).then(
    () => assert.fail('it was written'),
    (error: unknown) => error,
  );
}

for (const [version, wanted, toml] of [
  ['2', V2, v2Toml],
  ['3', V3, v3Toml],
] as const)
  test(`version ${version}: every header and parameter is as documented, and a store that is away for an hour has everything once`, async () => {
    await using server = await startInfluxStandIn(wanted);
    const { kind, settings } = await sinkOf('influxdb', toml(server.url), SECRETS);
    const said = await outage(kind, settings, (up) => (up ? server.start() : server.stop()));
    assert.deepEqual(server.complaints, []);
    assert.deepEqual(
      stored(server),
      [...said.values()].map((values) => values['energy/imported-total']),
    );
    assert.ok(server.asked.length < 60, `${server.asked.length} requests`);
  });

test('a server behind another one, with TLS and an authority of our own', async () => {
  const wanted = { ...V2, path: `/behind${V2.path}` };
  await using server = await startWebServer(() => ({ status: 204 }), LOCALHOST);
  const { sink } = await historyOf('influxdb', `${v2Toml(`${server.url}/behind`)}ca = '''${AUTHORITY}'''\n`, SECRETS);
  await writeTo(sink, readings(1));
  assert.equal(server.asked[0]?.path, wanted.path);
});

test('version 3 names the lines that it refuses: they are dropped alone, and the reading says so', async () => {
  let times = 0;
  await using server = await startInfluxStandIn(V3, (lines) => {
    times += 1;
    const bad = lines.findIndex((line) => line.includes('imported_total=2 '));
    if (bad < 0) return undefined;
    const data = [{ original_line: lines[bad], line_number: bad + 1, error_message: 'invalid column type' }];
    return { status: 400, text: JSON.stringify({ error: 'partial write of line protocol occurred', data }) };
  });
  const { sink } = await historyOf('influxdb', v3Toml(server.url), SECRETS);
  const error = await thrownBy(sink, readings(5));
  assert.ok(error instanceof RejectedError);
  assert.deepEqual(error.which, [2]);
  assert.match(error.message, /refuses lines: 400 partial write of line protocol occurred: invalid column type$/);
  assert.deepEqual(stored(server), [0, 1, 3, 4]);
  assert.equal(times, 2);
});

test('where the answer does not tell, refused lines are found by halving; the other lines of their readings are stored', async () => {
  const bad = new Set(['100', '101', '777']);
  await using server = await startInfluxStandIn(V2, (lines) => {
    const refused = lines.some((line) => line.startsWith('energy') && bad.has(/imported_total=(\d+)/.exec(line)?.[1] ?? ''));
    return refused ? { status: 400, text: '{"code":"invalid","message":"field type conflict"}' } : undefined;
  });
  const { sink } = await historyOf('influxdb', v2Toml(server.url), SECRETS);
  const items = Array.from({ length: 1_000 }, (_, n) =>
    recorded({ 'energy/imported-total': n, 'power/current-usage': n }, NOON + n * 1_000),
  );
  const error = await thrownBy(sink, items);
  assert.ok(error instanceof RejectedError);
  assert.deepEqual(error.which, [100, 101, 777]);
  assert.equal(server.points.size, 1_997);
  assert.ok(server.asked.length < 60, `${server.asked.length} requests`);
});

test('a server that refuses everything without naming lines is set up wrongly: nothing is dropped', async () => {
  await using server = await startInfluxStandIn(V2, () => ({ status: 400, text: '{"code":"invalid","message":"no"}' }));
  const { sink } = await historyOf('influxdb', v2Toml(server.url), SECRETS);
  const error = await thrownBy(sink, readings(1_000));
  assert.ok(error instanceof LinkError);
  assert.equal(error.retryAfterMs, 300_000);
  assert.match(error.message, /^http:\/\/127\.0\.0\.1:\d+: it takes none of our lines \(400 no\)$/);
  assert.ok(server.asked.length < 40, `${server.asked.length} requests`);
});

test('what is too large is halved, and goes on in that size', async () => {
  await using server = await startInfluxStandIn(V2, (lines) => (lines.length > 130 ? { status: 413 } : undefined));
  const { sink } = await historyOf('influxdb', v2Toml(server.url), SECRETS);
  await writeTo(sink, readings(1_000));
  assert.equal(server.points.size, 1_000);
  // 1,000, 500, 250, then eight of 125.
  assert.equal(server.asked.length, 11);
});

test('one line that is too large is refused', async () => {
  await using server = await startInfluxStandIn(V2, (lines) =>
    lines.some((line) => line.includes('=2 ')) ? { status: 413 } : undefined,
  );
  const { sink } = await historyOf('influxdb', v2Toml(server.url), SECRETS);
  const error = await thrownBy(sink, readings(5));
  assert.ok(error instanceof RejectedError);
  assert.deepEqual(error.which, [2]);
  assert.deepEqual(stored(server), [0, 1, 3, 4]);
});

test('busy servers are left alone for as long as they ask, wrong credentials for five minutes, failing servers by the usual pauses', async () => {
  let answer: Answering = { status: 204 };
  await using server = await startWebServer(() => answer);
  const { sink } = await historyOf('influxdb', v2Toml(server.url), SECRETS);
  const pauses: unknown[] = [];
  for (const [status, headers] of [
    [429, { 'Retry-After': '17' }],
    [503, { 'Retry-After': '120' }],
    [503, {}],
    [500, {}],
    [401, {}],
    [403, {}],
    [404, {}],
    [302, { Location: 'http://localhost/' }],
  ] as const) {
    answer = { status, headers, text: '{"code":"x","message":"why"}' };
    const error = await thrownBy(sink, readings(3));
    assert.ok(error instanceof LinkError);
    assert.match(error.message, /why/);
    pauses.push(error.retryAfterMs);
  }
  assert.deepEqual(pauses, [17_000, 120_000, undefined, undefined, 300_000, 300_000, 300_000, 300_000]);
  assert.equal(server.asked.length, 8);
});

test('a server that repeats the token does not get it into the log', async () => {
  await using server = await startWebServer(({ headers }) => ({ status: 401, text: `denied: ${headers.authorization}` }));
  const { sink } = await historyOf('influxdb', v2Toml(server.url), SECRETS);
  const error = await thrownBy(sink, readings(1));
  assert.match(
    String(error),
    /it does not accept the user name and password, or the token \(\(not shown, since it repeats a secret\)\)$/,
  );
});
