import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipWithoutBroker, startBroker } from '../support/broker.js';
import { dummyToml } from '../support/environments.js';
import { freshlyReady } from '../support/freshly-ready.js';
import { observe } from '../support/mqtt-observer.js';
import { startProgram, type Program } from '../support/program.js';

const skip = { skip: skipWithoutBroker };

/** Seeds and a root that make their component die: see there. */
const BUGS = preloaded('bugs');
const [DIES_AT_ONCE, DIES_LATER, DIES_WRITING] = [1_001, 1_002, 'broken'];

function preloaded(name: string): string {
  return new URL(`../support/preload/${name}.js`, import.meta.url).href;
}

/** Runs a good dummy meter, and one with a seed that has a bug. */
function runTwo(url: string, seed: number): Promise<Program> {
  const good = dummyToml({ url, id: 'good' });
  const bad = `${dummyToml({ url, id: 'bad' })}seed = ${seed}\n`;
  return startProgram({
    args: ['run', 'good', 'bad'],
    settings: { 'good.toml': good, 'bad.toml': bad },
    node: ['--import', BUGS],
  });
}

test(
  'a client that crashes after each reading is started again and again, and another meter is none the worse',
  skip,
  async () => {
    await using broker = await startBroker();
    await using observer = await observe(broker.url);
    await using program = await runTwo(broker.url, DIES_LATER);
    for (let crash = 0; crash < 2; crash++) {
      await observer.shows('homie/bad/$state', 'ready');
      observer.take();
      await observer.shows('homie/bad/$state', 'alert');
      observer.take();
      await freshlyReady(observer, 'good');
    }
    assert.match(observer.topics.get('homie/bad/meter/status') ?? '', /^(ok|an error in the program, see its log)$/);
    assert.match(program.stderr(), /error bad: the client crashed \(error="TypeError: a bug in the client\\n {4}at /);
    assert.doesNotMatch(program.stderr(), /(warn|error) good/);
    assert.equal((await program.end('SIGTERM')).code, 0);
  },
);

test('a client that crashes always is given up, under alert, and another meter is read on', skip, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using program = await runTwo(broker.url, DIES_AT_ONCE);
  await program.says(/error bad: the client is given up: it keeps crashing/);
  assert.equal(program.stderr().match(/error bad: the client crashed/g)?.length, 5);
  await freshlyReady(observer, 'good');
  assert.equal(observer.topics.get('homie/bad/$state'), 'alert');
  assert.equal(observer.topics.get('homie/bad/meter/status'), 'an error in the program, see its log');
  assert.doesNotMatch(program.stderr(), /(warn|error) good/);
  assert.equal((await program.end('SIGTERM')).code, 0);
  await observer.shows('homie/bad/$state', 'disconnected');
});

test('a sink that crashes for ever is said once, and another sink of the same meter is none the worse', skip, async () => {
  await using broker = await startBroker();
  await using other = await startBroker();
  await using observer = await observe(broker.url);
  const bad = `[sinks.bad]\ntype = "homie"\nroot = "${DIES_WRITING}"\n[sinks.bad.mqtt]\nurl = "${other.url}"\n`;
  const settings = { 'dummy.toml': `${dummyToml({ url: broker.url, id: 'good' })}${bad}` };
  await using program = await startProgram({ args: ['run', 'dummy'], settings, node: ['--import', BUGS] });
  await program.says(/error dummy bad: the sink crashed and is started again \(error="TypeError: a bug in the sink\\n {4}at /);
  for (let n = 0; n < 50; n++) await freshlyReady(observer, 'good');
  assert.equal(program.stderr().match(/crashed/g)?.length, 1);
  assert.doesNotMatch(program.stderr(), /(warn|error) dummy homie/);
  const { code, afterMs } = await program.end('SIGTERM');
  assert.equal(code, 0);
  assert.ok(afterMs < 5_000, `${afterMs} ms`);
});

test('a client that hangs is told of under alert, and does not keep the sinks from saying good-bye', skip, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  const settings = { 'dummy.toml': dummyToml({ url: broker.url, id: 'dummy' }) };
  await using program = await startProgram({ args: ['run', 'dummy'], settings, node: ['--import', preloaded('stuck-client')] });
  await observer.shows('homie/dummy/$state', 'alert');
  await program.says(/error dummy: the client was told to end and does not; it is started again when it has/);
  await observer.shows('homie/dummy/meter/status', 'an error in the program, see its log');
  const { code, afterMs } = await program.end('SIGTERM');
  assert.equal(code, 0);
  assert.ok(afterMs < 5_000, `${afterMs} ms`);
  await observer.shows('homie/dummy/$state', 'disconnected');
});

test('a client that hangs when the program is told to stop does not keep the sinks from saying good-bye', skip, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  const settings = { 'dummy.toml': dummyToml({ url: broker.url, id: 'dummy', interval: '1h' }) };
  await using program = await startProgram({ args: ['run', 'dummy'], settings, node: ['--import', preloaded('stuck-client')] });
  await observer.shows('homie/dummy/$state', 'ready');
  const { code, afterMs } = await program.end('SIGTERM');
  assert.equal(code, 0);
  assert.ok(afterMs < 5_000, `${afterMs} ms`);
  await observer.shows('homie/dummy/$state', 'disconnected');
});
