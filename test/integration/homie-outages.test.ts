import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp, createServer, type AddressInfo, type Socket } from 'node:net';
import { test } from 'node:test';
import { skipWithoutBroker, startBroker } from '../support/broker.js';
import { settle } from '../support/fake-clock.js';
import { energyNode, health, HomieFixture, house, reading } from '../support/mqtt-homie.js';
import { observe, retained } from '../support/mqtt-observer.js';

const options = { skip: skipWithoutBroker };

const HOUSE = house({ energy: energyNode('imported-total') });

for (const persistence of [true, false]) {
  test(
    `after a restart of a broker ${persistence ? 'with' : 'without'} persistence everything is there again, newest values only`,
    options,
    async () => {
      await using broker = await startBroker({ persistence });
      await using homie = new HomieFixture(broker.url);
      await homie.open();
      await homie.write(reading(HOUSE, { 'energy/imported-total': 1 }), health(HOUSE, 'ok'));
      const before = await retained(broker.url);
      assert.equal(before.get('homie/house/energy/imported-total'), '1');

      await broker.stop();
      const { name, message } = await homie.lost;
      assert.equal(name, 'LinkError');
      assert.match(message, new RegExp(`^lost the broker ${broker.url}: it closed the connection`));
      await assert.rejects(homie.write(reading(HOUSE, { 'energy/imported-total': 2 })), { name: 'LinkError' });
      await broker.start();
      await using observer = await observe(broker.url, { live: true });
      await homie.reopen();
      await homie.write(reading(HOUSE, { 'energy/imported-total': 3 }));
      await observer.shows('homie/house/energy/imported-total', '3');

      const after = new Map(before).set('homie/house/energy/imported-total', '3');
      assert.deepEqual(new Map([...(await retained(broker.url))].sort()), new Map([...after].sort()));
      const states = observer.seen.filter(({ topic }) => topic === 'homie/house/$state').map(({ payload }) => payload);
      assert.deepEqual(states, ['init', 'ready']);
      assert.equal(
        observer.seen.some(({ topic, payload }) => topic.endsWith('imported-total') && payload === '1'),
        false,
      );
    },
  );
}

test(
  'when the connection breaks the broker says lost, and the next connection says init, everything, ready',
  options,
  async () => {
    await using broker = await startBroker();
    await using proxy = await startProxy(broker.port);
    await using observer = await observe(broker.url);
    await using homie = new HomieFixture(proxy.url);
    await homie.open();
    await homie.write(reading(HOUSE, { 'energy/imported-total': 1 }), health(HOUSE, 'ok'));
    await observer.shows('homie/house/$state', 'ready');
    const first = observer.take();

    proxy.cut();
    await homie.lost;
    await observer.shows('homie/house/$state', 'lost');
    assert.deepEqual(observer.take(), ['homie/house/$state lost']);
    await homie.reopen();
    await observer.shows('homie/house/$state', 'ready');
    assert.deepEqual(observer.take(), first);
  },
);

test('a frozen broker is lost after 30 s without an acknowledgement, and served again when it continues', options, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using homie = new HomieFixture(broker.url);
  await homie.open();
  await homie.write(reading(HOUSE, { 'energy/imported-total': 1 }), health(HOUSE, 'ok'));
  await observer.shows('homie/house/$state', 'ready');
  broker.pause();
  await homie.write(reading(HOUSE, { 'energy/imported-total': 2 }));
  await homie.clock.advance(30_000);
  assert.match((await homie.lost).message, /: it acknowledged nothing for 30 s$/);
  observer.take();
  broker.resume();
  await homie.reopen();
  await observer.shows('homie/house/$state', 'ready');
  assert.equal((await retained(broker.url)).get('homie/house/energy/imported-total'), '2');
});

test('a write waits only while more than 1000 messages are on their way', options, async () => {
  // Or Mosquitto drops for the observer what exceeds a thousand messages.
  await using broker = await startBroker({ config: ['max_queued_messages 0'] });
  await using observer = await observe(broker.url);
  await using homie = new HomieFixture(broker.url);
  const full = house({ energy: energyNode('imported-total', 'exported-total') });
  await homie.open();
  await homie.write(reading(full, {}), health(full, 'ok'));
  await observer.shows('homie/house/$state', 'ready');
  await retained(broker.url);

  broker.pause();
  let written = 0;
  const writing = (async () => {
    for (let total = 1; total <= 600; total++) {
      await homie.write(reading(full, { 'energy/imported-total': total, 'energy/exported-total': total }));
      written = total;
    }
  })();
  await settle();
  assert.equal(written, 500);
  broker.resume();
  await writing;
  await observer.shows('homie/house/energy/exported-total', '600');
  const totals = observer.seen.filter(({ topic }) => topic === 'homie/house/energy/imported-total').map(({ payload }) => payload);
  assert.deepEqual(
    totals,
    Array.from({ length: 600 }, (_, index) => String(index + 1)),
  );
});

test('closing while the broker is frozen ends at the deadline', options, async () => {
  await using broker = await startBroker();
  const homie = new HomieFixture(broker.url);
  await homie.open();
  broker.pause();
  const deadline = new AbortController();
  const closed = homie.close(deadline.signal);
  deadline.abort();
  await closed;
  assert.equal(homie.clock.sleeping, 0);
});

test('a broker that is not there yet is a LinkError, and close after it is harmless', options, async () => {
  await using broker = await startBroker();
  await broker.stop();
  await using homie = new HomieFixture(broker.url);
  await assert.rejects(homie.open(), { name: 'LinkError', message: /nothing listens there/ });
  await homie.close();
  await broker.start();
  await homie.open();
  await homie.write(health(HOUSE, 'waiting'));
});

test('a second reader with the same client id makes the first one name that as the likely cause', options, async () => {
  await using broker = await startBroker();
  await using first = new HomieFixture(broker.url);
  await using second = new HomieFixture(broker.url);
  await first.open();
  await second.open();
  assert.equal(
    (await first.lost).message,
    `lost the broker ${broker.url}: it closed the connection after 0 s; when that goes on, another program uses the client id smart-meter-reader-house`,
  );
});

/** A wire to the broker that can be cut. */
async function startProxy(port: number): Promise<{ url: string; cut: () => void } & AsyncDisposable> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => undefined);
  };
  const server = createServer((socket) => {
    const upstream = keep(connectTcp({ port, host: '127.0.0.1' }));
    keep(socket).pipe(upstream).pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  return {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    [Symbol.asyncDispose]: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
