import assert from 'node:assert/strict';
import { getEventListeners, once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import type { Link } from '../../../src/transports/link.js';
import { openTcp, printAddress } from '../../../src/transports/tcp.js';
import { settle } from '../../support/fake-clock.js';
import { freePort, startTcpServer, type TcpServer } from '../../support/tcp-server.js';

const options = { timeout: 30_000 };
const forever = new AbortController().signal;
const stopped = new Error('stopped');
const CLOSED = 'the other side closed the connection. Does another program read there too? ser2net serves one at a time';

test('bytes of every value travel both ways unchanged', options, async () => {
  await using ends = await connect();
  const every = Buffer.from(Uint8Array.from({ length: 256 }, (_, value) => value));
  ends.peer.write(every);
  assert.deepEqual(await readBytes(ends.link, 256), every);
  await ends.link.write(every, forever);
  assert.deepEqual((await once(ends.peer, 'data'))[0], every);
});

test('a request leaves at once and in one piece', options, async () => {
  await using ends = await connect();
  const pieces: string[] = [];
  ends.peer.on('data', (bytes) => pieces.push(String(bytes)));
  for (const request of ['first', 'second']) {
    await ends.link.write(Buffer.from(request), forever);
    await once(ends.peer, 'data');
  }
  assert.deepEqual(pieces, ['first', 'second']);
});

test('an aborted read loses no byte, and discarded bytes are never read', options, async () => {
  await using ends = await connect();
  const controller = new AbortController();
  const reading = ends.link.read(controller.signal);
  controller.abort(stopped);
  await assert.rejects(reading, stopped);
  ends.peer.write('kept noise');
  assert.equal(String(await readBytes(ends.link, 10)), 'kept noise');
  ends.link.discard();
  ends.peer.write('answer');
  assert.equal(String(await readBytes(ends.link, 6)), 'answer');
});

test('the other side closes: what it had sent is read, then the link is lost, with what it may mean', options, async () => {
  await using ends = await connect();
  ends.peer.end('last words');
  assert.equal(String(await readBytes(ends.link, 10)), 'last words');
  const lost = { name: 'LinkError', message: `lost 127.0.0.1:${ends.server.port}: ${CLOSED}` };
  await assert.rejects(ends.link.read(forever), lost);
  await assert.rejects(ends.link.write(Uint8Array.of(1), forever), lost);
});

test('the other side resets the connection: the waiting read ends', options, async () => {
  await using ends = await connect();
  const reading = ends.link.read(forever);
  ends.peer.resetAndDestroy();
  await assert.rejects(reading, { name: 'LinkError', message: `lost 127.0.0.1:${ends.server.port}: ${CLOSED}` });
});

test('the system is told to ask a silent peer after 10 s whether it is still there', options, async () => {
  await using ends = await connect();
  assert.equal(await keepAliveTimerMs(ends.server.port), 10_000);
});

test('a write that the other side does not take is given up when its signal aborts, and the link with it', options, async () => {
  await using ends = await connect();
  ends.peer.pause();
  const controller = new AbortController();
  const writing = ends.link.write(new Uint8Array(20_000_000), controller.signal);
  setImmediate(() => {
    controller.abort(stopped);
  });
  await assert.rejects(writing, stopped);
  assert.deepEqual(getEventListeners(controller.signal, 'abort'), []);
  await assert.rejects(ends.link.write(Uint8Array.of(1), forever), {
    message: `lost 127.0.0.1:${ends.server.port}: it takes no more bytes`,
  });
});

test('closing ends the read that waits, may be done twice, and the other side sees it', options, async () => {
  await using ends = await connect();
  const rejected = assert.rejects(ends.link.read(forever), { message: `127.0.0.1:${ends.server.port} was closed` });
  const seen = once(ends.peer.resume(), 'end');
  await ends.link.close();
  await ends.link.close();
  await Promise.all([rejected, seen]);
});

test('nobody listens there: it says so, also where the host has two addresses', options, async () => {
  const port = await freePort();
  for (const host of ['127.0.0.1', 'localhost']) {
    await assert.rejects(openTcp({ host, port }, forever), {
      name: 'LinkError',
      message: `cannot connect to ${host}:${port}: nothing listens there. Is ser2net or the adapter running, are host and port right?`,
    });
  }
});

test('a host name that does not resolve says so', options, async () => {
  // Without any network the name server cannot even be asked.
  await assert.rejects(openTcp({ host: 'no-such-host.invalid', port: 2_001 }, forever), {
    name: 'LinkError',
    message:
      /^cannot connect to no-such-host\.invalid:2001: (no host of this name is known|the name of the host cannot be looked up)/,
  });
});

test('an opening that is given up leaves nothing open', options, async () => {
  await using server = await startTcpServer();
  const controller = new AbortController();
  const opening = openTcp({ host: '127.0.0.1', port: server.port }, controller.signal);
  controller.abort(stopped);
  await assert.rejects(opening, stopped);
  await assert.rejects(openTcp({ host: '127.0.0.1', port: server.port }, controller.signal), stopped);
  assert.deepEqual(getEventListeners(controller.signal, 'abort'), []);
  await settle();
  assert.equal(server.sockets.size, 0);
});

test('an address is written as in a URL', () => {
  assert.equal(printAddress({ host: 'adapter.local', port: 2_001 }), 'adapter.local:2001');
  assert.equal(printAddress({ host: '::1', port: 2_001 }), '[::1]:2001');
});

interface Ends extends AsyncDisposable {
  readonly server: TcpServer;
  readonly link: Link;
  /** The other end of the link. */
  readonly peer: Socket;
}

async function connect(): Promise<Ends> {
  const server = await startTcpServer();
  const [peer, link] = await Promise.all([server.accepted(), openTcp({ host: '127.0.0.1', port: server.port }, forever)]);
  return {
    server,
    link,
    peer,
    [Symbol.asyncDispose]: async () => {
      await link.close();
      await server.stop();
    },
  };
}

async function readBytes(link: Link, count: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for (let length = 0; length < count; length += chunks.at(-1)?.length ?? 0) chunks.push(await link.read(forever));
  return Buffer.concat(chunks);
}

/** When the connection to a port will be probed, as the system tells: "02" names the keep-alive timer, in hundredths of a second. Linux, proc_net_tcp. */
async function keepAliveTimerMs(port: number): Promise<number> {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const table = await readFile('/proc/net/tcp', 'utf8');
  const [, hundredths = ''] = new RegExp(` [0-9A-F]{8}:${hex} 01 \\S+ 02:([0-9A-F]{8}) `).exec(table) ?? [];
  return Math.round(parseInt(hundredths, 16) / 10) * 100;
}
