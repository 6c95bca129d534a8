import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LinkError } from '../../../src/model/errors.js';
import { openHttpClient, parseRetryAfter, type HttpAnswer } from '../../../src/transports/http-client.js';
import { FakeClock } from '../../support/fake-clock.js';
import { AUTHORITY, ELSEWHERE, EXPIRED, LOCALHOST } from '../../support/mqtt-certificates.js';
import { freePort, startTcpServer } from '../../support/tcp-server.js';
import { startWebServer } from '../../support/web-server.js';

const NOW = Date.UTC(2026, 0, 15, 12);
const never = new AbortController().signal;

/** Asks once, or as often as is said, on one client. */
async function ask(url: string, { ca, times = 1, signal = never }: { ca?: string; times?: number; signal?: AbortSignal } = {}) {
  const client = await openHttpClient({ ca, clock: new FakeClock(NOW) }, never);
  try {
    const answers: HttpAnswer[] = [];
    for (let time = 0; time < times; time++) {
      const request = { method: 'POST', url: new URL(url), headers: { 'X-Test': 'yes' }, body: Buffer.from('grüß') };
      answers.push(await client.request(request, signal));
    }
    return answers;
  } finally {
    client.close();
  }
}

const refuses = (url: string, message: RegExp, options = {}): Promise<void> =>
  assert.rejects(ask(url, options), (error) => error instanceof LinkError && message.test(error.message));

test('a request goes out as it is, and its answer comes back', async () => {
  await using server = await startWebServer(() => ({ status: 202, text: 'thanks' }));
  assert.deepEqual(await ask(`${server.url}/a/b?c=d%20e`), [{ status: 202, text: 'thanks' }]);
  const [{ method, path, query, headers, body }] = server.asked as [(typeof server.asked)[number]];
  assert.deepEqual(
    { method, path, query, body: body.toString() },
    { method: 'POST', path: '/a/b', query: { c: 'd e' }, body: 'grüß' },
  );
  assert.equal(headers['x-test'], 'yes');
  assert.equal(headers['content-length'], '6');
});

test('one connection serves many requests', async () => {
  await using server = await startWebServer(() => ({ status: 200, text: 'x'.repeat(1_000) }));
  await ask(server.url, { times: 5 });
  assert.equal(server.connections(), 1);
});

test('a connection that the server gave up while it was idle is made again, without a word', async () => {
  let sockets = 0;
  await using server = await startTcpServer((socket) => {
    sockets += 1;
    socket.once('data', () => {
      socket.write('HTTP/1.1 204 No Content\r\n\r\n');
      // The second request meets a closed connection.
      socket.once('data', () => socket.destroy());
    });
  });
  const answers = await ask(`http://127.0.0.1:${server.port}`, { times: 2 });
  assert.deepEqual(
    answers.map(({ status }) => status),
    [204, 204],
  );
  assert.equal(sockets, 2);
});

test('a server that hangs up at once is not asked again', async () => {
  await using server = await startWebServer(() => 'hang-up');
  await refuses(server.url, /^cannot reach http:\/\/127\.0\.0\.1:\d+: it closed the connection/);
  assert.equal(server.asked.length, 1);
});

test('a redirection is an answer like others', async () => {
  await using server = await startWebServer(() => ({ status: 308, headers: { Location: '/elsewhere' } }));
  assert.deepEqual(await ask(server.url), [{ status: 308, text: '' }]);
});

test('of an answer without an end so much is read', async () => {
  await using server = await startWebServer(() => ({ status: 500, text: 'x'.repeat(5_000_000) }));
  const [answer] = await ask(server.url);
  assert.equal(answer?.text.length, 65_536);
});

test('Retry-After is seconds or a date, and at most an hour', async () => {
  assert.equal(parseRetryAfter('120', NOW), 120_000);
  assert.equal(parseRetryAfter('Thu, 15 Jan 2026 12:00:30 GMT', NOW), 30_000);
  assert.equal(parseRetryAfter('Thu, 15 Jan 2026 11:00:00 GMT', NOW), 0);
  assert.equal(parseRetryAfter('999999999', NOW), 3_600_000);
  for (const nothing of [undefined, 'soon', '-5', '']) assert.equal(parseRetryAfter(nothing, NOW), undefined);
  await using server = await startWebServer(() => ({ status: 503, headers: { 'Retry-After': '7' } }));
  assert.deepEqual(await ask(server.url), [{ status: 503, retryAfterMs: 7_000, text: '' }]);
});

test('when the signal aborts its reason is thrown, while the server says nothing', async () => {
  await using server = await startWebServer(() => {
    abort.abort(new Error('enough'));
    return 'never';
  });
  const abort = new AbortController();
  await assert.rejects(ask(server.url, { signal: abort.signal }), /^Error: enough$/);
});

test('where nothing listens, or no HTTP is spoken, it is said what to look at', async () => {
  await refuses(
    `http://127.0.0.1:${await freePort()}/secret-path`,
    /^cannot reach http:\/\/127\.0\.0\.1:\d+: nothing listens there; is the server running, and is url right\?$/,
  );
  await using server = await startTcpServer((socket) => socket.end('220 mail.example ESMTP\r\n'));
  await refuses(`http://127.0.0.1:${server.port}`, /what answers there does not speak HTTP/);
  await refuses(`https://127.0.0.1:${server.port}`, /it does not speak TLS on this port; http:\/\/ is for that/);
});

test('a certificate is trusted when the authority that is named signed it for that host, else not', async () => {
  await using right = await startWebServer(() => ({ status: 204 }), LOCALHOST);
  assert.deepEqual(await ask(right.url, { ca: AUTHORITY }), [{ status: 204, text: '' }]);
  await refuses(right.url, /its certificate is not signed by an authority that is trusted here; ca can name one/);
  await refuses(right.url, /is not signed by an authority/, { ca: EXPIRED.cert });
  await using other = await startWebServer(() => ({ status: 204 }), ELSEWHERE);
  await refuses(other.url, /its certificate is for another host name than the one in url/, { ca: AUTHORITY });
  await using old = await startWebServer(() => ({ status: 204 }), EXPIRED);
  await refuses(old.url, /its certificate has expired/, { ca: EXPIRED.cert });
  assert.deepEqual([...right.asked, ...other.asked, ...old.asked].length, 1);
});

test('an authority that cannot be read or used is said', async () => {
  await assert.rejects(
    ask('https://localhost', { ca: '/nowhere/ca.pem' }),
    /^LinkError: cannot read the file that ca names: ENOENT$/,
  );
  const garbage = '-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n';
  await assert.rejects(
    ask('https://localhost', { ca: garbage }),
    /^LinkError: ca: TLS cannot use what is there; PEM is expected$/,
  );
});
