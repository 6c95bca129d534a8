import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freePort, skipWithoutBroker, startBroker } from '../support/broker.js';
import { startBrokerProxy } from '../support/broker-proxy.js';
import { dummyToml } from '../support/environments.js';
import { observe, type Observer } from '../support/mqtt-observer.js';
import { IN_TIME_MS, startProgram, type Program } from '../support/program.js';

const skip = { skip: skipWithoutBroker };
const RECEIVED = 'homie/dummy-smart-meter/meter/received-at';
const STATE = 'homie/dummy-smart-meter/$state';

const INTERVAL_MS = 100;
/** Far more than a reading takes to arrive on a busy machine, far less than anything waits for a sink that hangs. */
const LATE_MS = 2_000;
const READINGS = 30;

/** A dummy meter with one sink for each broker; `good` is the first. */
function runDummy(good: string, other: string): Promise<Program> {
  const toml = `${dummyToml({ url: good })}[sinks.other]\ntype = "homie"\n[sinks.other.mqtt]\nurl = "${other}"\n`;
  return startProgram({ args: ['run', 'dummy'], settings: { 'dummy.toml': toml } });
}

/** Asserts that the next readings arrive one by one, none left out and none late. */
async function assertPunctual(observer: Observer): Promise<void> {
  await observer.until(({ topics }) => topics.get(STATE) === 'ready');
  const lags: number[] = [];
  let before = observer.seen.length;
  while (lags.length < READINGS) {
    await observer.until(({ seen }) => seen.slice(before).some(({ topic }) => topic === RECEIVED), 'a reading');
    before = observer.seen.length;
    lags.push(Date.now() - Date.parse(observer.topics.get(RECEIVED) ?? ''));
  }
  assert.ok(Math.max(...lags) < LATE_MS, `up to ${Math.max(...lags)} ms late`);
  const times = observer.seen.flatMap(({ topic, payload }) => (topic === RECEIVED ? [Date.parse(payload)] : []));
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  assert.ok(Math.max(...gaps) < INTERVAL_MS + LATE_MS, `gaps of up to ${Math.max(...gaps)} ms`);
}

test('a sink whose broker is not there does not slow another', skip, async () => {
  await using good = await startBroker();
  await using observer = await observe(good.url);
  await using program = await runDummy(good.url, `mqtt://127.0.0.1:${await freePort()}`);
  await program.says(/dummy other: no connection to the broker/);
  await assertPunctual(observer);
  assert.equal((await program.end('SIGTERM')).code, 0);
});

test('a sink whose broker never answers does not slow another, nor hold up the end', skip, async () => {
  await using good = await startBroker();
  await using hanging = await startBrokerProxy(good.port, 'mute');
  await using observer = await observe(good.url);
  await using program = await runDummy(good.url, hanging.url);
  await program.says(/dummy other: no connection to the broker .* no answer within 10 s/);
  await assertPunctual(observer);
  const { code, afterMs } = await program.end('SIGTERM');
  assert.equal(code, 0);
  assert.ok(afterMs < IN_TIME_MS, `${afterMs} ms`);
  await observer.shows(STATE, 'disconnected');
});

test('a sink whose broker freezes in the middle of everything does not slow another', skip, async () => {
  await using good = await startBroker();
  await using freezing = await startBroker();
  await using observer = await observe(good.url);
  await using other = await observe(freezing.url);
  await using program = await runDummy(good.url, freezing.url);
  await other.shows(STATE, 'ready');
  freezing.pause();
  await assertPunctual(observer);
  await program.says(/dummy other: lost the broker/);
  await assertPunctual(observer);
  freezing.resume();
  await program.says(/dummy other: connected again/);
  await assertReady(other);
});

test('two sinks under different roots of one broker leave each other alone', skip, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url, { filter: ['homie/#', 'other/#'] });
  const settings = { 'dummy.toml': `${dummyToml({ url: broker.url })}[sinks.other]\ntype = "homie"\nroot = "other"\n` };
  await using program = await startProgram({ args: ['run', 'dummy'], settings });
  await observer.shows(STATE, 'ready');
  await observer.shows('other/dummy-smart-meter/$state', 'ready');
  await assertPunctual(observer);
  assert.doesNotMatch(program.stderr(), /warn|error/);
});

async function assertReady(observer: Observer): Promise<void> {
  const now = new Date().toISOString();
  await observer.until(({ topics }) => topics.get(STATE) === 'ready' && (topics.get(RECEIVED) ?? '') > now, 'a current value');
}
