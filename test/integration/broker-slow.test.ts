import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipWithoutBroker, startBroker } from '../support/broker.js';
import { startBrokerProxy } from '../support/broker-proxy.js';
import { dummyToml } from '../support/environments.js';
import { observe } from '../support/mqtt-observer.js';
import { startProgram } from '../support/program.js';

const STATE = 'homie/dummy-smart-meter/$state';
const RECEIVED = 'homie/dummy-smart-meter/meter/received-at';

/** Much less than what a reading every 100 ms makes. */
const BYTES_PER_SECOND = 600;
const OBSERVED_MS = 10_000;
/** What is on its way at this pace takes two to three seconds. If every value were sent, the last of that time would be more than seven behind. */
const LAG_MS = 5_000;

test('a broker that is too slow for all values gets fewer of them, each of them fresh', { skip: skipWithoutBroker }, async () => {
  await using broker = await startBroker();
  await using proxy = await startBrokerProxy(broker.port, 'passing', BYTES_PER_SECOND);
  await using observer = await observe(broker.url);
  const settings = { 'dummy.toml': dummyToml({ url: proxy.url }) };
  await using program = await startProgram({ args: ['run', 'dummy'], settings });
  await observer.shows(STATE, 'ready');
  observer.take();

  const lags: number[] = [];
  const until = Date.now() + OBSERVED_MS;
  while (Date.now() < until) {
    const before = observer.seen.length;
    await observer.until(({ seen }) => seen.slice(before).some(({ topic }) => topic === RECEIVED), 'another reading');
    lags.push(Date.now() - Date.parse(observer.topics.get(RECEIVED) ?? ''));
  }
  assert.ok(lags.length >= 5, `${lags.length} readings`);
  assert.ok(Math.max(...lags) < LAG_MS, `up to ${Math.max(...lags)} ms late`);
  const times = observer.seen.flatMap(({ topic, payload }) => (topic === RECEIVED ? [payload] : []));
  assert.deepEqual(times, [...times].sort());
  assert.doesNotMatch(program.stderr(), /warn|error/);
});
