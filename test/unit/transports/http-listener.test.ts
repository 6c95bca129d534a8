import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { LinkError } from '../../../src/model/errors.js';
import { CONNECTION_MS, MAX_CONNECTIONS, openHttp, plain } from '../../../src/transports/http-listener.js';
import { freePort } from '../../support/tcp-server.js';

const options = { timeout: 30_000 };
const never = new AbortController().signal;

/** A listener with a page that is well, and one that has a bug. */
async function serve() {
  const port = await freePort();
  const errors: unknown[] = [];
  const pages = {
    '/page': () => ({ status: 200, type: 'text/x-test', text: 'größe\n' }),
    '/bug': () => {
      throw new TypeError('a bug');
    },
    '/bad': () => plain(503, 'not well'),
  };
  const listener = await openHttp({ host: '127.0.0.1', port }, pages, (error) => errors.push(error), never);
  return { port, url: `http://127.0.0.1:${port}`, errors, listener, [Symbol.asyncDispose]: () => listener.close() };
}

/** Resolves when a socket has closed, also by an error. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => {
      resolve();
    });
  });
}

test('a page is answered with its status and type, on a connection of its own', options, async () => {
  await using server = await serve();
  const response = await fetch(`${server.url}/page?any=thing`);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), 'text/x-test');
  assert.equal(response.headers.get('content-length'), '8');
  assert.equal(response.headers.get('connection'), 'close');
  assert.equal(await response.text(), 'größe\n');
  assert.equal((await fetch(`${server.url}/bad`)).status, 503);
});

test('HEAD is answered without the page', options, async () => {
  await using server = await serve();
  const response = await fetch(`${server.url}/page`, { method: 'HEAD' });
  assert.equal(response.headers.get('content-length'), '8');
  assert.equal(await response.text(), '');
});

test('what is not there, or not for reading, is refused in words', options, async () => {
  await using server = await serve();
  const missing = await fetch(`${server.url}/constructor`);
  assert.equal(missing.status, 404);
  assert.equal(await missing.text(), 'There is nothing here, but at /page and /bug and /bad.\n');
  const written = await fetch(`${server.url}/page`, { method: 'POST', body: 'x'.repeat(100) });
  assert.equal(written.status, 405);
  assert.equal(written.headers.get('allow'), 'GET, HEAD');
});

test('a bug in a page is told and answered, and the next request is served', options, async () => {
  await using server = await serve();
  const response = await fetch(`${server.url}/bug`);
  assert.equal(response.status, 500);
  assert.equal(await response.text(), 'An error in the program, see its log.\n');
  assert.equal(server.errors.length, 1);
  assert.ok(server.errors[0] instanceof TypeError);
  assert.equal((await fetch(`${server.url}/page`)).status, 200);
});

test('a port that is taken is a lost link, with what to do about it', options, async () => {
  await using server = await serve();
  const address = { host: '127.0.0.1', port: server.port };
  await assert.rejects(
    openHttp(address, {}, () => undefined, never),
    (error) =>
      error instanceof LinkError && /^cannot listen on 127\.0\.0\.1:\d+: another program listens there/.test(error.message),
  );
});

test('what has closed listens no more', options, async () => {
  const server = await serve();
  await server.listener.close();
  const successor = createServer();
  successor.listen(server.port, '127.0.0.1');
  await once(successor, 'listening');
  successor.close();
});

test('who is connected and asks nothing does not hold up the end', options, async () => {
  const server = await serve();
  const idle = connect(server.port, '127.0.0.1').on('error', () => undefined);
  await once(idle, 'connect');
  idle.write('GET /page HTTP/1.1\r\n');
  await server.listener.close();
  await closed(idle);
});

test(
  'too many at once are turned away; each place is free again after ten seconds, however slow its holder',
  options,
  async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] });
    await using server = await serve();
    const slow = await Promise.all(
      Array.from({ length: MAX_CONNECTIONS }, async () => {
        const socket = connect(server.port, '127.0.0.1').on('error', () => undefined);
        await once(socket, 'connect');
        socket.write('GET /pa');
        return socket;
      }),
    );
    const gone = Promise.all(slow.map((socket) => closed(socket)));
    const refused = connect(server.port, '127.0.0.1').on('error', () => undefined);
    await closed(refused);
    // The last of them may have connected without having been accepted yet; the one that was refused came after it.
    context.mock.timers.tick(CONNECTION_MS);
    await gone;
    context.mock.timers.reset();
    assert.equal((await fetch(`${server.url}/page`)).status, 200);
  },
);
