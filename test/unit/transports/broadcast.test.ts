import assert from 'node:assert/strict';
import { getEventListeners, once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { MAX_READERS, openBroadcast, type Broadcast } from '../../../src/transports/broadcast.js';
import { freePort, startTcpServer } from '../../support/tcp-server.js';

const options = { timeout: 30_000 };
const forever = new AbortController().signal;

test('every reader gets all that is sent from when it has connected', options, async () => {
  await using share = await listen();
  const first = await share.read();
  share.broadcast.send(Buffer.from('one '));
  const second = await share.read();
  share.broadcast.send(Buffer.from('two'));
  assert.equal(await received(first, 7), 'one two');
  assert.equal(await received(second, 3), 'two');
});

test('what a reader sends is ignored, and one that leaves is forgotten', options, async () => {
  await using share = await listen();
  const reader = await share.read();
  reader.write(Buffer.alloc(1_000_000));
  reader.destroy();
  while (share.broadcast.readers > 0) await new Promise(setImmediate);
  share.broadcast.send(Buffer.from('to nobody'));
  assert.deepEqual(share.turnedAway, []);
});

test('a reader that does not read is disconnected, and the others go on', options, async () => {
  await using share = await listen();
  const dead = await share.read();
  dead.pause();
  const alive = await share.read();
  let count = 0;
  alive.on('data', (bytes: Buffer) => {
    count += bytes.length;
  });
  let sent = 0;
  while (share.broadcast.readers === 2) {
    share.broadcast.send(new Uint8Array(10_000));
    sent += 10_000;
    await new Promise(setImmediate);
  }
  assert.deepEqual(share.turnedAway, ['it does not read what it is sent']);
  while (count < sent) await once(alive, 'data');
  assert.equal(share.broadcast.readers, 1);
});

test('more readers than there is room for are refused', options, async () => {
  await using share = await listen();
  for (let reader = 0; reader < MAX_READERS; reader++) await share.read();
  const refused = connect({ port: share.port, host: '127.0.0.1' });
  refused.on('error', () => undefined);
  await once(refused, 'close');
  assert.equal(share.broadcast.readers, MAX_READERS);
  assert.deepEqual(share.turnedAway, ['there are 8 readers already']);
});

test('closing disconnects the readers and frees the port', options, async () => {
  const share = await listen();
  const reader = await share.read();
  const closed = once(reader.resume(), 'close');
  await share.broadcast.close();
  await closed;
  await (await openBroadcast({ host: '127.0.0.1', port: share.port }, () => undefined, forever)).close();
});

test('a port in use says who may find out by whom', options, async () => {
  await using server = await startTcpServer();
  await assert.rejects(listen(server.port), {
    name: 'LinkError',
    message: `cannot listen on 127.0.0.1:${server.port}: another program listens there. Choose another port, or find it by \`ss -ltnp\``,
  });
});

test('an address of another machine is none to listen on', options, async () => {
  await assert.rejects(
    openBroadcast({ host: '192.0.2.1', port: 2_001 }, () => undefined, forever),
    {
      name: 'LinkError',
      message: 'cannot listen on 192.0.2.1:2001: this machine has no such address',
    },
  );
});

test('an opening that is given up leaves nothing open', options, async () => {
  const port = await freePort();
  const controller = new AbortController();
  const stopped = new Error('stopped');
  const opening = openBroadcast({ host: '127.0.0.1', port }, () => undefined, controller.signal);
  controller.abort(stopped);
  await assert.rejects(opening, stopped);
  assert.deepEqual(getEventListeners(controller.signal, 'abort'), []);
  await (await openBroadcast({ host: '127.0.0.1', port }, () => undefined, forever)).close();
});

interface Share extends AsyncDisposable {
  readonly broadcast: Broadcast;
  readonly port: number;
  readonly turnedAway: readonly string[];
  /** Connects a reader, and resolves when it is known. */
  read(): Promise<Socket>;
}

async function listen(port?: number): Promise<Share> {
  const turnedAway: string[] = [];
  const address = { host: '127.0.0.1', port: port ?? (await freePort()) };
  const broadcast = await openBroadcast(address, (reason) => turnedAway.push(reason), forever);
  const sockets: Socket[] = [];
  return {
    broadcast,
    port: address.port,
    turnedAway,
    read: async () => {
      const before = broadcast.readers;
      const socket = connect(address);
      sockets.push(socket);
      await once(socket, 'connect');
      while (broadcast.readers === before) await new Promise(setImmediate);
      return socket;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await broadcast.close();
    },
  };
}

async function received(socket: Socket, count: number): Promise<string> {
  let text = '';
  while (text.length < count) text += String((await once(socket, 'data'))[0]);
  return text;
}
