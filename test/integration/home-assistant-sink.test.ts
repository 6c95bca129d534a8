import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Device } from '../../src/model/device.js';
import type { Health, Reading } from '../../src/model/reading.js';
import { Ledger } from '../../src/pipeline/figures.js';
import type { Sink } from '../../src/pipeline/sink.js';
import homeAssistant from '../../src/sinks/home-assistant/index.js';
import { skipWithoutBroker, startBroker } from '../support/broker.js';
import { FakeClock } from '../support/fake-clock.js';
import { assertAccepted, type AnyConfig } from '../support/home-assistant.js';
import { RecordingLogger } from '../support/logger.js';
import { energyNode, health, house, mqttSettings, reading } from '../support/mqtt-homie.js';
import { observe, retained, type Observer } from '../support/mqtt-observer.js';
import { MemoryState } from '../support/state.js';

const options = { skip: skipWithoutBroker };
const FILTER = 'homeassistant/#';
const CONFIG = 'homeassistant/device/house/config';
const SETTLE_MS = 2_000;

const SMALL = house();
const FULL = house({ energy: energyNode('imported-total', 'exported-total') });

/** A sink `home-assistant` beside a sink `homie`, with a clock that the test moves and a state that outlives it. */
class Fixture implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly sink: Sink;
  readonly #deadline = new AbortController().signal;

  constructor(url: string, state: MemoryState, { id = 'house', root = 'homie' } = {}) {
    this.sink = homeAssistant.create(
      { homie: 'homie', prefix: 'homeassistant', birth_topic: 'homeassistant/status' },
      {
        device: { id, name: 'House' },
        siblings: [{ name: 'homie', type: 'homie', settings: { root, mqtt: mqttSettings(url) } }],
        log: new RecordingLogger(),
        clock: this.clock,
        random: () => 0.5,
        state,
        implementation: 'smart-meter-reader 0.1.0',
        figures: new Ledger(),
      },
    );
  }

  open(): Promise<void> {
    return this.sink.open(this.#deadline, () => undefined);
  }

  /** Hands over items and lets what follows from them settle. */
  async write(...items: readonly (Reading | Health)[]): Promise<void> {
    await this.sink.write(items, this.#deadline);
    await this.clock.advance(SETTLE_MS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sink.close(this.#deadline);
    assert.equal(this.clock.sleeping, 0, 'nothing goes on after the end');
  }
}

const heard = (device: Device): readonly [Reading, Health] => [reading(device, {}), health(device, 'ok')];

/** The ids in the newest config, with the platforms of those that are nothing else. */
function components(observer: Observer, topic = CONFIG): string[] {
  const config = JSON.parse(observer.topics.get(topic) ?? '{"components":{}}') as AnyConfig;
  return Object.entries(config.components).map(([id, component]) =>
    Object.keys(component).length > 1 ? id : `${id}: ${String(component.platform)}`,
  );
}

const hasComponents = (count: number) => (observer: Observer) => components(observer).length === count;

test('the config of a device comes when it was heard, retained and with QoS 1', options, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url, { filter: FILTER });
  await using fixture = new Fixture(broker.url, new MemoryState());
  await fixture.open();
  await fixture.write(health(SMALL, 'waiting'));
  await fixture.write(...heard(FULL));
  await observer.until(({ seen }) => seen.length > 0);
  assert.deepEqual(
    observer.seen.map(({ topic, retain, qos }) => ({ topic, retain, qos })),
    [{ topic: CONFIG, retain: true, qos: 1 }],
  );
  assert.deepEqual(components(observer), ['energy_imported-total', 'energy_exported-total', 'meter_status', 'state']);
  assertAccepted(JSON.parse(observer.topics.get(CONFIG) ?? '') as AnyConfig);
});

test('a meter that is not heard of is announced as well, with what is remembered of it', options, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url, { filter: FILTER });
  await using fixture = new Fixture(broker.url, new MemoryState());
  await fixture.open();
  await fixture.write(health(FULL, 'silent'));
  await observer.until(hasComponents(4));
});

test('a tree that grows twice in a moment is announced once, and again when it grows later', options, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url, { filter: FILTER });
  await using fixture = new Fixture(broker.url, new MemoryState());
  await fixture.open();
  await fixture.sink.write(heard(SMALL), new AbortController().signal);
  await fixture.write(...heard(house({ energy: energyNode('imported-total') })));
  await observer.until(hasComponents(3));
  assert.equal(observer.seen.length, 1);
  await fixture.write(reading(FULL, {}));
  await observer.until(hasComponents(4));
  assert.equal(observer.seen.length, 2);
});

test('readings and healths that change nothing are not announced', options, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url, { filter: FILTER });
  await using fixture = new Fixture(broker.url, new MemoryState());
  await fixture.open();
  await fixture.write(...heard(FULL));
  await fixture.write(reading(FULL, { 'energy/imported-total': 1 }), health(FULL, 'silent'));
  await fixture.write(...heard(FULL));
  await fixture.write(...heard(house({ energy: energyNode('imported-total', 'exported-total', 'third') })));
  await observer.until(hasComponents(5));
  assert.equal(observer.seen.length, 2);
});

test('at the birth message of Home Assistant the config is sent again', options, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url, { filter: FILTER });
  await using fixture = new Fixture(broker.url, new MemoryState());
  await fixture.open();
  await fixture.write(...heard(FULL));
  await observer.until(hasComponents(4));
  const configs = (): number => observer.seen.filter(({ topic }) => topic === CONFIG).length;
  for (const payload of ['offline', 'online']) {
    await observer.publish('homeassistant/status', payload, { retain: false });
    await observer.shows('homeassistant/status', payload);
  }
  // The sink gets the message at the same time as we do: its clock is moved until it has.
  while (configs() < 2) await fixture.clock.advance(SETTLE_MS);
  assert.equal(configs(), 2);
});

test('a property that is gone after a restart is removed, but not before the meter was heard', options, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url, { filter: FILTER });
  const state = new MemoryState();
  {
    await using first = new Fixture(broker.url, state);
    await first.open();
    await first.write(...heard(FULL));
    await observer.until(hasComponents(4));
  }
  await using second = new Fixture(broker.url, state);
  await second.open();
  await second.write(health(SMALL, 'waiting'));
  await second.write(health(SMALL, 'failing'));
  await second.write(...heard(house({ energy: energyNode('imported-total') })));
  await observer.until(hasComponents(3));
  const configs = observer.seen.map(({ payload }) => JSON.parse(payload) as AnyConfig);
  assert.deepEqual(
    configs.map((config) => config.components['energy_exported-total']?.platform),
    ['sensor', 'sensor', undefined],
  );
  assert.deepEqual(configs[1]?.components['energy_exported-total'], { platform: 'sensor' });
});

test('the config of an id or a root that the settings no longer have is deleted', options, async () => {
  await using broker = await startBroker();
  const state = new MemoryState();
  for (const { id, root } of [
    { id: 'house', root: 'homie' },
    { id: 'home', root: 'homie' },
    { id: 'home', root: 'cellar' },
  ]) {
    await using fixture = new Fixture(broker.url, state, { id, root });
    await fixture.open();
    await fixture.write(...heard({ ...FULL, id }));
    const topic = `homeassistant/device/${root === 'homie' ? id : `${root}-${id}`}/config`;
    await using observer = await observe(broker.url, { filter: FILTER });
    await observer.until(({ topics }) => topics.has(topic) && topics.size === 1, `${topic} alone`);
  }
  assert.deepEqual([...(await retained(broker.url, { filter: FILTER })).keys()], ['homeassistant/device/cellar-home/config']);
});
