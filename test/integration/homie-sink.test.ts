import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipWithoutBroker, startBroker, type Broker } from '../support/broker.js';
import { energyNode, health, HomieFixture, house, reading } from '../support/mqtt-homie.js';
import { observe, retained } from '../support/mqtt-observer.js';

const options = { skip: skipWithoutBroker };

const SMALL = house();
const FULL = house({ energy: energyNode('imported-total', 'exported-total') });
const VALUES = { 'energy/imported-total': 4350, 'energy/exported-total': 0 };

/** What the device `house` says about itself while it has nothing but its node `meter`. */
const SMALL_DESCRIPTION = [
  'homie/house/$homie 4.0.0',
  'homie/house/$name House',
  'homie/house/$extensions org.homie.legacy-stats:0.1.1:[4.x]',
  'homie/house/$implementation smart-meter-reader 0.1.0',
  'homie/house/$stats/interval 60',
  'homie/house/meter/status/$name Status',
  'homie/house/meter/status/$datatype string',
  'homie/house/meter/status/$settable false',
  'homie/house/meter/status/$retained true',
  'homie/house/meter/$name Meter',
  'homie/house/meter/$type meter',
  'homie/house/meter/$properties status',
  'homie/house/$nodes meter',
];

const ENERGY_DESCRIPTION = [
  'homie/house/energy/imported-total/$name imported-total',
  'homie/house/energy/imported-total/$datatype integer',
  'homie/house/energy/imported-total/$unit Wh',
  'homie/house/energy/imported-total/$settable false',
  'homie/house/energy/imported-total/$retained true',
  'homie/house/energy/exported-total/$name exported-total',
  'homie/house/energy/exported-total/$datatype integer',
  'homie/house/energy/exported-total/$unit Wh',
  'homie/house/energy/exported-total/$settable false',
  'homie/house/energy/exported-total/$retained true',
  'homie/house/energy/$name Energy',
  'homie/house/energy/$type energy',
  'homie/house/energy/$properties imported-total,exported-total',
];

test('init, description, values, then the state; all retained with QoS 1', options, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using homie = new HomieFixture(broker.url);

  await homie.open();
  await homie.write(health(SMALL, 'waiting', 'waiting for the first reading'));
  await observer.shows('homie/house/meter/status', 'waiting for the first reading');
  assert.deepEqual(observer.take(), [
    'homie/house/$state init',
    ...SMALL_DESCRIPTION,
    'homie/house/$stats/uptime 0',
    'homie/house/meter/status waiting for the first reading',
  ]);

  await homie.write(reading(SMALL, {}), health(SMALL, 'ok'));
  await observer.shows('homie/house/$state', 'ready');
  assert.deepEqual(observer.take(), ['homie/house/meter/status ok', 'homie/house/$state ready']);
  assert.ok(observer.seen.every(({ retain, qos }) => retain && qos === 1));
});

test('the first reading grows the tree: init again, what is new, its values, ready', options, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using homie = new HomieFixture(broker.url);
  await homie.open();
  await homie.write(health(SMALL, 'ok'));
  await observer.shows('homie/house/$state', 'ready');
  observer.take();

  await homie.write(reading(FULL, VALUES), health(FULL, 'ok'));
  await observer.shows('homie/house/$state', 'ready');
  assert.deepEqual(observer.take(), [
    'homie/house/$state init',
    ...ENERGY_DESCRIPTION,
    'homie/house/$nodes energy,meter',
    'homie/house/energy/imported-total 4350',
    'homie/house/energy/exported-total 0',
    'homie/house/$state ready',
  ]);
});

test('a device that lost a property clears all its topics before it is ready again', options, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using homie = new HomieFixture(broker.url);
  await homie.open();
  await homie.write(reading(FULL, VALUES), health(FULL, 'ok'));
  await observer.shows('homie/house/$state', 'ready');
  observer.take();

  const smaller = house({ energy: energyNode('imported-total') });
  await homie.write(reading(smaller, { 'energy/imported-total': 4351 }));
  await observer.shows('homie/house/$state', 'ready');
  assert.deepEqual(observer.take(), [
    'homie/house/$state init',
    'homie/house/energy/$properties imported-total',
    'homie/house/energy/exported-total/$name ',
    'homie/house/energy/exported-total/$datatype ',
    'homie/house/energy/exported-total/$unit ',
    'homie/house/energy/exported-total/$settable ',
    'homie/house/energy/exported-total/$retained ',
    'homie/house/energy/exported-total ',
    'homie/house/energy/imported-total 4351',
    'homie/house/$state ready',
  ]);
});

test('only a value that changed is published', options, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using homie = new HomieFixture(broker.url);
  await homie.open();
  await homie.write(reading(FULL, VALUES), health(FULL, 'ok'));
  await observer.shows('homie/house/$state', 'ready');
  observer.take();

  await homie.write(reading(FULL, VALUES));
  await homie.write(reading(FULL, { ...VALUES, 'energy/exported-total': 7 }));
  await observer.shows('homie/house/energy/exported-total', '7');
  assert.deepEqual(observer.take(), ['homie/house/energy/exported-total 7']);
});

test('all values are published every 10 minutes, the uptime every minute, the description never', options, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using homie = new HomieFixture(broker.url);
  await homie.open();
  await homie.write(reading(FULL, VALUES), health(FULL, 'ok'));
  await observer.shows('homie/house/$state', 'ready');
  observer.take();

  for (const seconds of [60, 120, 180, 240, 300, 360, 420, 480, 540]) {
    await homie.clock.advance(60_000);
    await observer.shows('homie/house/$stats/uptime', String(seconds));
    assert.deepEqual(observer.take(), [`homie/house/$stats/uptime ${seconds}`]);
    await roundTrip(broker);
  }

  await homie.clock.advance(60_000);
  await observer.shows('homie/house/$stats/uptime', '600');
  await observer.shows('homie/house/meter/status', 'ok');
  assert.deepEqual(observer.take().sort(), [
    'homie/house/$stats/uptime 600',
    'homie/house/energy/exported-total 0',
    'homie/house/energy/imported-total 4350',
    'homie/house/meter/status ok',
  ]);

  /** By when the broker has answered a new connection, its acknowledgements have reached the older one: the minutes of a test are milliseconds. */
  async function roundTrip({ url }: Broker): Promise<void> {
    await retained(url);
  }
});

test('a silent meter is alert with its reason, a fresh one ready again', options, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using homie = new HomieFixture(broker.url);
  await homie.open();
  await homie.write(reading(FULL, VALUES), health(FULL, 'ok'));
  await observer.shows('homie/house/$state', 'ready');
  observer.take();

  await homie.write(health(FULL, 'silent', 'no telegram for 30 s'));
  await homie.write(health(FULL, 'failing', 'wrong encryption key'));
  await homie.write(reading(FULL, VALUES), health(FULL, 'ok'));
  await observer.shows('homie/house/$state', 'ready');
  assert.deepEqual(observer.take(), [
    'homie/house/meter/status no telegram for 30 s',
    'homie/house/$state alert',
    'homie/house/meter/status wrong encryption key',
    'homie/house/meter/status ok',
    'homie/house/$state ready',
  ]);
});

test('while the meter is silent its old values are not published again', options, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using homie = new HomieFixture(broker.url);
  await homie.open();
  await homie.write(reading(FULL, VALUES), health(FULL, 'ok'));
  await homie.write(health(FULL, 'silent', 'no telegram for 30 s'));
  await observer.shows('homie/house/$state', 'alert');
  observer.take();
  for (let minute = 1; minute <= 11; minute++) {
    await homie.clock.advance(60_000);
    await observer.shows('homie/house/$stats/uptime', String(minute * 60));
    await retained(broker.url);
  }
  assert.deepEqual(
    observer.take().filter((line) => !line.startsWith('homie/house/$stats/uptime')),
    [],
  );
});

test('left-overs of an earlier tree are cleared when the first ready is due, those of other devices never', options, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await observer.publish('homie/house/$state', 'lost');
  await observer.publish('homie/house/$fw/name', 'smart-meter-reader');
  await observer.publish('homie/house/gas/volume/$datatype', 'float');
  await observer.publish('homie/house/gas/volume', '12');
  await observer.publish('homie/house/energy/imported-total', '4000');
  await observer.publish('homie/house-2/gas/volume', '13');
  await using homie = new HomieFixture(broker.url);

  await homie.open();
  await homie.write(health(FULL, 'waiting'));
  await homie.write(health(FULL, 'silent'));
  await observer.shows('homie/house/$state', 'alert');
  assert.equal((await retained(broker.url)).get('homie/house/gas/volume'), '12');

  await homie.write(reading(FULL, VALUES), health(FULL, 'ok'));
  await observer.shows('homie/house/$state', 'ready');
  const held = [...(await retained(broker.url)).keys()];
  assert.deepEqual(
    held.filter((topic) => topic.includes('gas') || topic.includes('$fw')),
    ['homie/house-2/gas/volume'],
  );
  assert.deepEqual(homie.log.of('info'), ['cleared what earlier versions of the tree left on the broker']);
});

test('what is known of a remembered tree stays on the broker until the first reading', options, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await observer.publish('homie/house/energy/imported-total', '4000');
  await using homie = new HomieFixture(broker.url);
  await homie.open();
  await homie.write(health(FULL, 'waiting'));
  await observer.shows('homie/house/meter/status', 'waiting');
  assert.equal((await retained(broker.url)).get('homie/house/energy/imported-total'), '4000');
});

test('close says disconnected, and no last will follows', options, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  const homie = new HomieFixture(broker.url);
  await homie.open();
  await homie.write(reading(FULL, VALUES), health(FULL, 'ok'));
  await homie.close();
  await observer.shows('homie/house/$state', 'disconnected');
  assert.equal(homie.clock.sleeping, 0);
  await homie.open();
  await homie.close();
  await observer.until(({ seen }) => seen.filter(({ payload }) => payload === 'disconnected').length === 2);
  assert.deepEqual(
    observer.seen.filter(({ topic }) => topic === 'homie/house/$state').map(({ payload }) => payload),
    ['init', 'ready', 'disconnected', 'init', 'ready', 'disconnected'],
  );
});

test('a state that somebody else wrote is replaced by ours, and said once', options, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using homie = new HomieFixture(broker.url);
  await homie.open();
  await homie.write(reading(FULL, VALUES), health(FULL, 'ok'));
  await observer.shows('homie/house/$state', 'ready');

  for (const patienceMs of [1_000, 2_000, 4_000]) {
    const before = observer.seen.length;
    await observer.publish('homie/house/$state', 'lost');
    await observer.until(({ seen }) => seen.length === before + 1, 'the foreign state');
    // The sink sees it at the same time as we do, give or take a turn: its wait begins within this one.
    while (homie.clock.sleeping < 4) await new Promise(setImmediate);
    await homie.clock.advance(patienceMs - 1);
    assert.equal(observer.topics.get('homie/house/$state'), 'lost');
    await homie.clock.advance(1);
    await observer.shows('homie/house/$state', 'ready');
  }
  assert.deepEqual(homie.log.of('warn'), [
    'another program wrote "lost" to homie/house/$state; is a second one publishing this device?',
  ]);
});
