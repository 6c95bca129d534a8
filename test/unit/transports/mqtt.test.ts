import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { test } from 'node:test';
import { LinkError } from '../../../src/model/errors.js';
import { connect, type MqttSettings } from '../../../src/transports/mqtt.js';
import { matches } from '../../../src/transports/mqtt-connection.js';
import { freePort } from '../../support/broker.js';
import { FakeClock } from '../../support/fake-clock.js';
import { mqttSettings } from '../../support/mqtt-homie.js';

/** CONNACK with a return code. MQTT 3.1.1, section 3.2. */
const connack = (code: number): Buffer => Buffer.from([0x20, 2, 0, code]);

/** A TCP server that does what it is told with each connection. */
async function serve(onConnection: (socket: Socket) => void): Promise<{ url: string } & AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function attempt(settings: MqttSettings, clock = new FakeClock(), signal = new AbortController().signal) {
  const lost: LinkError[] = [];
  const connecting = connect(
    {
      settings,
      clientId: 'reader',
      will: { topic: 'homie/house/$state', payload: 'lost' },
      keepaliveSeconds: 15,
      clock,
      lost: (error) => lost.push(error),
    },
    signal,
  );
  return { connecting, lost, clock };
}

/** What the attempt ends with. */
async function failure(settings: MqttSettings): Promise<string> {
  const { connecting, lost, clock } = attempt(settings);
  const error: unknown = await connecting.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof LinkError);
  assert.deepEqual(lost, [], 'a failed attempt is thrown, not called lost');
  assert.equal(clock.sleeping, 0);
  return error.message;
}

test('nobody listening is a LinkError that asks whether the broker runs', async () => {
  const url = `mqtt://127.0.0.1:${await freePort()}`;
  assert.equal(
    await failure(mqttSettings(url)),
    `no connection to the broker ${url}: nothing listens there; is the broker running, and is mqtt.url right?`,
  );
});

test('a server that accepts and never answers is a LinkError after 10 s', async () => {
  await using server = await serve(() => undefined);
  const { connecting, clock } = attempt(mqttSettings(server.url));
  const failed = assert.rejects(connecting, {
    name: 'LinkError',
    message: `no connection to the broker ${server.url}: no answer within 10 s; is it an MQTT broker?`,
  });
  await clock.advance(9_999);
  assert.equal(clock.sleeping, 1);
  await clock.advance(1);
  await failed;
  assert.equal(clock.sleeping, 0);
});

test('a server that closes without an answer is a LinkError that thinks of TLS', async () => {
  await using server = await serve((socket) => {
    socket.once('data', () => socket.end());
  });
  assert.equal(
    await failure(mqttSettings(server.url)),
    `no connection to the broker ${server.url}: it closed the connection without an answer; does it want TLS, mqtts://?`,
  );
});

for (const [code, reason] of [
  [1, 'it does not speak MQTT 3.1.1'],
  [2, 'it does not accept our client id'],
  [3, 'it is not available now'],
  [4, 'it does not accept mqtt.username and mqtt.password'],
  [5, 'mqtt.username and mqtt.password do not give access'],
] as const) {
  test(`return code ${code} of CONNACK means: ${reason}`, async () => {
    await using server = await serve((socket) => {
      socket.once('data', () => socket.end(connack(code)));
    });
    const settings = mqttSettings(server.url, { username: 'me', password: 'hunter2' });
    assert.equal(await failure(settings), `no connection to the broker ${server.url}: ${reason}`);
  });
}

test('a client without credentials that is not authorized is told to set them', async () => {
  await using server = await serve((socket) => {
    socket.once('data', () => socket.end(connack(5)));
  });
  assert.equal(
    await failure(mqttSettings(server.url)),
    `no connection to the broker ${server.url}: it wants mqtt.username and mqtt.password`,
  );
});

test('a server that answers with something else than MQTT is a LinkError', async () => {
  await using server = await serve((socket) => {
    socket.once('data', () => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
  });
  assert.match(await failure(mqttSettings(server.url)), /^no connection to the broker mqtt:\/\//);
});

test('a broker that acknowledges nothing for 30 s is lost', async () => {
  await using server = await serve((socket) => {
    socket.once('data', () => socket.write(connack(0)));
  });
  const { connecting, lost, clock } = attempt(mqttSettings(server.url));
  const connection = await connecting;
  connection.publish('homie/house/$state', 'init');
  const settled = assert.rejects(
    connection.until(() => connection.unacknowledged === 0, new AbortController().signal),
    { name: 'LinkError' },
  );
  await clock.advance(29_999);
  assert.deepEqual(lost, []);
  await clock.advance(1);
  await settled;
  assert.deepEqual(
    lost.map(({ message }) => message),
    [`lost the broker ${server.url}: it acknowledged nothing for 30 s`],
  );
  assert.equal(clock.sleeping, 0);
  assert.throws(() => {
    connection.publish('homie/house/$state', 'ready');
  }, LinkError);
});

test('an attempt that is called off ends with the reason of its signal and leaves nothing behind', async () => {
  await using server = await serve(() => undefined);
  const calledOff = new AbortController();
  const { connecting, clock, lost } = attempt(mqttSettings(server.url), new FakeClock(), calledOff.signal);
  const failed = assert.rejects(connecting, /stopped/);
  await new Promise(setImmediate);
  calledOff.abort(new Error('stopped'));
  await failed;
  assert.deepEqual(lost, []);
  assert.equal(clock.sleeping, 0);
});

test('an attempt that is called off at the moment of its success leaves no connection behind', async () => {
  let resolve = (): void => undefined;
  const closed = new Promise<void>((fulfil) => (resolve = fulfil));
  await using server = await serve((socket) => {
    socket.once('data', () => socket.write(connack(0)));
    socket.once('close', resolve);
  });
  const calledOff = new AbortController();
  const { signal } = calledOff;
  const remove = signal.removeEventListener.bind(signal);
  // The last thing that is done to the signal before the attempt succeeds.
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    remove(...args);
    queueMicrotask(() => {
      calledOff.abort(new Error('stopped'));
    });
  };
  await assert.rejects(attempt(mqttSettings(server.url), new FakeClock(), signal).connecting, /stopped/);
  await closed;
});

test('a good-bye that the broker never answers is cut short at the deadline', async () => {
  await using server = await serve((socket) => {
    socket.once('data', () => socket.write(connack(0)));
  });
  const { connecting, lost, clock } = attempt(mqttSettings(server.url));
  const connection = await connecting;
  connection.publish('homie/house/$state', 'disconnected');
  const deadline = new AbortController();
  const ended = connection.end(deadline.signal);
  deadline.abort();
  await ended;
  await connection.end(deadline.signal);
  assert.deepEqual(lost, [], 'an end that was asked for is no loss');
  assert.equal(clock.sleeping, 0);
});

test('a good-bye that the broker never answers is cut short after 2 s without a deadline too', async () => {
  await using server = await serve((socket) => {
    socket.once('data', () => socket.write(connack(0)));
  });
  const { connecting, clock } = attempt(mqttSettings(server.url));
  const connection = await connecting;
  connection.publish('homie/house/$state', 'disconnected');
  const ended = connection.end(new AbortController().signal);
  await clock.advance(2_000);
  await ended;
});

test('a PEM file that is missing is named by its setting; what the setting holds is not shown', async () => {
  const settings = mqttSettings('mqtts://localhost:1', { key: '/nowhere/secret.key' });
  const message = await failure(settings);
  assert.equal(message, 'cannot read the file that mqtt.key names: ENOENT');
});

test('a PEM text that is none is a LinkError that names the settings and shows nothing of it', async () => {
  const settings = mqttSettings('mqtts://localhost:1', {
    key: '-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----',
  });
  assert.equal(await failure(settings), 'mqtt.key: TLS cannot use what is there; PEM is expected');
});

test('topic filters match as MQTT 3.1.1, section 4.7.1 says', () => {
  assert.equal(matches('homie/house/$state', 'homie/house/$state'), true);
  assert.equal(matches('homie/house/$state', 'homie/house/$stat'), false);
  assert.equal(matches('homie/house/#', 'homie/house/meter/status'), true);
  assert.equal(matches('homie/house/#', 'homie/house'), true);
  assert.equal(matches('homie/house/#', 'homie/house-2/meter'), false);
  assert.equal(matches('homie/+/$homie', 'homie/house/$homie'), true);
  assert.equal(matches('homie/+/$homie', 'homie/house/meter/$homie'), false);
  assert.equal(matches('homie/+', 'homie/'), true);
  assert.equal(matches('#', 'homie'), true);
});
