import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipWithoutBroker, startBroker } from '../support/broker.js';
import { dummyToml } from '../support/environments.js';
import { freshlyReady } from '../support/freshly-ready.js';
import { observe, retained } from '../support/mqtt-observer.js';
import { IN_TIME_MS, startProgram, type Program } from '../support/program.js';

const skip = { skip: skipWithoutBroker };
const DEVICE = 'dummy-smart-meter';
const STATE = `homie/${DEVICE}/$state`;

const runDummy = (url: string): Promise<Program> =>
  startProgram({ args: ['run', 'dummy'], settings: { 'dummy.toml': dummyToml({ url }) } });

test('a killed program is lost', skip, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using program = await runDummy(broker.url);
  await observer.shows(STATE, 'ready');
  await program.end('SIGKILL');
  await observer.shows(STATE, 'lost');
});

test('a program that is told to stop says disconnected and ends with 0 within five seconds', skip, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using program = await runDummy(broker.url);
  await observer.shows(STATE, 'ready');
  const { code, afterMs } = await program.end('SIGTERM');
  assert.equal(code, 0);
  assert.ok(afterMs < 5_000, `${afterMs} ms`);
  assert.equal((await retained(broker.url)).get(STATE), 'disconnected');
  assert.doesNotMatch(program.stderr(), /warn|error/);
});

test('an environment that runs already is left alone; one whose process was killed is not taken for running', skip, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using program = await runDummy(broker.url);
  await observer.shows(STATE, 'ready');
  const second = await program.again();
  assert.equal((await second.exit).code, 69);
  assert.match(second.stderr(), new RegExp(`the state of dummy is in use by process ${program.pid};`));
  await freshlyReady(observer, DEVICE);
  assert.doesNotMatch(program.stderr(), /warn|error/);
  await program.end('SIGKILL');
  const third = await program.again();
  await freshlyReady(observer, DEVICE);
  assert.equal((await third.end('SIGTERM')).code, 0);
});

test('a broker that starts late finds the program there', skip, async () => {
  await using broker = await startBroker();
  await broker.stop();
  await using program = await runDummy(broker.url);
  await program.says(/dummy homie: no connection to the broker .*nothing listens there/);
  await broker.start();
  await using observer = await observe(broker.url);
  await freshlyReady(observer, DEVICE);
});

test('after a restart of a broker that forgot everything the whole tree is there again', skip, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using program = await runDummy(broker.url);
  await observer.shows(STATE, 'ready');
  const before = [...(await retained(broker.url)).keys()].sort();
  await broker.kill();
  await program.says(/dummy homie: .*trying again/);
  await broker.start();
  await freshlyReady(observer, DEVICE);
  await program.says(/connected again/);
  assert.deepEqual([...(await retained(broker.url)).keys()].sort(), before);
});

test('a broker that freezes and goes on gets current values again', skip, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using program = await runDummy(broker.url);
  await observer.shows(STATE, 'ready');
  broker.pause();
  // Beyond the keepalive of 15 s the program calls the connection lost.
  await program.says(/dummy homie: .*trying again/);
  broker.resume();
  await freshlyReady(observer, DEVICE);
});

test('a stop while the broker is away is a matter of moments', skip, async () => {
  await using broker = await startBroker();
  await broker.stop();
  await using program = await runDummy(broker.url);
  await program.says(/trying again/);
  const { code, afterMs } = await program.end('SIGTERM');
  assert.equal(code, 0);
  assert.ok(afterMs < 5_000, `${afterMs} ms`);
  assert.match(program.stderr(), /stopped before everything was delivered/);
});

test('a stop while the broker is frozen ends within five seconds', skip, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using program = await runDummy(broker.url);
  await observer.shows(STATE, 'ready');
  broker.pause();
  const { code, afterMs } = await program.end('SIGTERM');
  broker.resume();
  assert.equal(code, 0);
  assert.ok(afterMs < IN_TIME_MS, `${afterMs} ms`);
});

test('the tree of the last run is there before the first reading of the next', skip, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using program = await runDummy(broker.url);
  await observer.shows('homie/dummy-smart-meter/$nodes', 'energy,power,meter');
  await program.end('SIGTERM');
  await broker.stop();
  await broker.start();
  await using again = await program.again();
  await observer.shows('homie/dummy-smart-meter/$nodes', 'energy,power,meter');
  await freshlyReady(observer, DEVICE);
  await again.end('SIGTERM');
});
