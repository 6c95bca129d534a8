import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LinkError, RejectedError } from '../../src/model/errors.js';
import { HOUR, NOON, outage, recorded, writeTo } from '../support/histories.js';
import { AUTHORITY, LOCALHOST } from '../support/mqtt-certificates.js';
import { historyOf, sinkOf } from '../support/sink-settings.js';
import { startWebServer, type Answering, type Asked } from '../support/web-server.js';

const TEMPLATE = `template = '{"time":"{ms}","total":"{energy/imported-total}"}'\n`;

const readings = (count: number) =>
  Array.from({ length: count }, (_, n) => recorded({ 'energy/imported-total': n }, NOON + n * 1_000, { sequence: n + 1 }));

const jsonOf = ({ body }: Asked): unknown => JSON.parse(body.toString());
const keyOf = ({ headers }: Asked): string | undefined => headers['idempotency-key'];

test('a request has the method, the headers and the body that the settings say', async () => {
  await using server = await startWebServer(() => ({ status: 200, text: 'thanks' }), LOCALHOST);
  const toml = `url = "${server.url}/in?from=meter"\nmethod = "PUT"\nca = '''${AUTHORITY}'''\n${TEMPLATE}headers.X-Source = "cellar"\n`;
  const secrets = 'bearer_token = "t0ken"\nhmac_key = "signing key"\nsecret_headers.X-Api-Key = "k3y"\n';
  const { sink } = await historyOf('http', toml, secrets);
  await writeTo(sink, readings(1));
  assert.equal(server.asked.length, 1);
  const [{ method, path, query, headers, body }] = server.asked as [Asked];
  assert.deepEqual([method, path, query], ['PUT', '/in', { from: 'meter' }]);
  const text = `{"time":${NOON},"total":0}`;
  assert.equal(body.toString(), text);
  const { host, connection, ...others } = headers;
  assert.deepEqual([host, connection], [`localhost:${server.port}`, 'keep-alive']);
  assert.deepEqual(others, {
    authorization: 'Bearer t0ken',
    'content-length': String(text.length),
    'content-type': 'application/json',
    'idempotency-key': `test-meter-${NOON}-1`,
    'user-agent': 'test/1.0',
    // echo -n '{"time":1768478400000,"total":0}' | openssl dgst -sha256 -hmac 'signing key'
    'x-signature-256': 'sha256=ca67f405ba04d6474dfac933e7204ee2a31fe1a9a42f4a9a0e7514531b63e1bd',
    'x-api-key': 'k3y',
    'x-source': 'cellar',
  });
});

test('a server that is away for an hour has every reading once, in order, when it looks at the keys', async () => {
  await using server = await startWebServer(() => ({ status: 204 }));
  const { kind, settings } = await sinkOf('http', `url = "${server.url}"\n${TEMPLATE}`);
  const said = await outage(kind, settings, (up) => (up ? server.start() : server.stop()));
  assert.ok(said.size > HOUR);
  // Its clock races: what was under way when the time of a write ran out has come twice.
  const byKey = new Map(server.asked.map((asked) => [keyOf(asked), jsonOf(asked)]));
  assert.deepEqual(
    [...byKey.values()],
    [...said].map(([time, values]) => ({ time, total: values['energy/imported-total'] })),
  );
});

test('what was answered before a batch failed is not sent again with it, and what was not comes with its key', async () => {
  let answer: Answering = { status: 204 };
  await using server = await startWebServer((asked) =>
    (jsonOf(asked) as { total: number }).total === 2 ? answer : { status: 204 },
  );
  const { sink } = await historyOf('http', `url = "${server.url}"\n${TEMPLATE}`);
  answer = { status: 500 };
  await assert.rejects(writeTo(sink, readings(4)), LinkError);
  answer = { status: 204 };
  await writeTo(sink, readings(4));
  assert.deepEqual(
    server.asked.map(keyOf),
    [1, 2, 3, 3, 4].map((sequence) => `test-meter-${NOON + (sequence - 1) * 1_000}-${sequence}`),
  );
});

test('statuses that say never drop a reading alone; others are tried again, soon or when somebody has acted', async () => {
  let status = 204;
  await using server = await startWebServer((asked) =>
    (jsonOf(asked) as { total: number }).total === 1 ? { status, headers: { 'Retry-After': '9' }, text: 'why' } : { status: 204 },
  );
  const outcomes: Record<number, unknown> = {};
  for (status of [200, 299, 302, 400, 401, 403, 404, 405, 408, 409, 410, 413, 415, 418, 422, 425, 429, 500, 503]) {
    const { sink } = await historyOf('http', `url = "${server.url}"\n${TEMPLATE}`);
    outcomes[status] = await writeTo(sink, readings(3)).then(
      () => 'taken',
      (error: unknown) => {
        if (error instanceof RejectedError) return error.which;
        if (error instanceof LinkError) return error.retryAfterMs;
        throw error;
      },
    );
  }
  const [soon, later] = [9_000, 300_000];
  assert.deepEqual(outcomes, {
    ...{ 200: 'taken', 299: 'taken', 302: later, 400: [1], 401: later, 403: later, 404: later, 405: later, 408: soon, 409: soon },
    ...{ 410: later, 413: [1], 415: [1], 418: later, 422: [1], 425: soon, 429: soon, 500: soon, 503: soon },
  });
});

test('the statuses that say never can be chosen', async () => {
  await using server = await startWebServer(() => ({ status: 409 }));
  const { sink } = await historyOf('http', `url = "${server.url}"\n${TEMPLATE}refused_statuses = "409"\n`);
  await assert.rejects(writeTo(sink, readings(1)), RejectedError);
});

test('with the form sem only the text tells success', async () => {
  let text = '';
  await using server = await startWebServer(() => ({ status: 200, text }));
  const { sink } = await historyOf('http', `url = "${server.url}/post-data.php"\npreset = "sem"\n`, 'api_key = "tPmAT5Ab3j7F9"');
  const outcomeOf = async (answer: string): Promise<string> => {
    text = answer;
    return writeTo(sink, [recorded({ 'grid/voltage-l1': 230.1 })]).then(
      () => 'taken',
      (error: unknown) => {
        assert.ok(error instanceof LinkError);
        return `${error.message.replace(server.url, '')} ${error.retryAfterMs}`;
      },
    );
  };
  assert.equal(await outcomeOf('New record created successfully'), 'taken');
  assert.equal(await outcomeOf('Wrong API Key provided.'), ': it does not know api_key (200 Wrong API Key provided.) 300000');
  assert.equal(
    await outcomeOf('No data posted with HTTP POST.'),
    ': it does not see what is posted (200 No data posted with HTTP POST.) 300000',
  );
  assert.equal(await outcomeOf('Connection failed: refused'), ': 200 Connection failed: refused undefined');
  assert.equal(await outcomeOf('Error: INSERT INTO FluviusMeter'), ': 200 Error: INSERT INTO FluviusMeter undefined');
  assert.equal(await outcomeOf(''), ': 200 undefined');
  assert.equal(await outcomeOf('key tPmAT5Ab3j7F9?'), ': (not shown, since it repeats a secret) undefined');
});

test('an address that is a secret is in no error', async () => {
  await using server = await startWebServer(({ path }) => ({ status: 404, text: `Cannot POST ${path}` }));
  const { sink } = await historyOf('http', TEMPLATE, `url = "${server.url}/api/webhook/f3c1e8a97b42d605"\n`);
  await assert.rejects(writeTo(sink, readings(1)), (error: Error) => !error.message.includes('webhook'));
  await server.stop();
  await assert.rejects(writeTo(sink, readings(1)), (error: Error) => !error.message.includes('webhook'));
});
