import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipWithoutBroker, startBroker } from '../support/broker.js';
import { dummyToml } from '../support/environments.js';
import { retained, observe } from '../support/mqtt-observer.js';
import { parseItems, parseThings } from '../support/openhab-files.js';
import { startProgram } from '../support/program.js';

const ROOT = 'homie/dummy-smart-meter';

/** What `describe` writes, beside a program that has run before. */
async function describe(args: readonly string[], toml: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  await using program = await startProgram({ args: ['describe', 'dummy', ...args], settings: { 'dummy.toml': toml }, env });
  assert.equal((await program.exit).code, 0, program.stderr());
  return program.stdout();
}

test('what is described is what is published, to the last topic', { skip: skipWithoutBroker }, async () => {
  await using broker = await startBroker();
  const toml = dummyToml({ url: broker.url });
  await using observer = await observe(broker.url);
  await using program = await startProgram({ args: ['run', 'dummy'], settings: { 'dummy.toml': toml } });
  await observer.shows(`${ROOT}/$state`, 'ready');
  await program.end('SIGTERM');
  const env = { STATE_DIRECTORY: `${program.folder}/state` };
  const held = await retained(broker.url);

  const topics = (await describe(['--homie'], toml, env)).trimEnd().split('\n');
  for (const line of topics) {
    const topic = line.slice(0, line.indexOf(' '));
    // The times of the node `meter` come with a reading and are not remembered.
    if (!topic.endsWith('$properties')) assert.equal(held.get(topic), line.slice(topic.length + 1), topic);
  }

  const [things = '', items = ''] = (await describe(['--openhab'], toml, env)).split('\n\n');
  const [bridge, thing] = parseThings(things);
  assert.equal(bridge?.parameters.port, Number(new URL(broker.url).port));
  assert.deepEqual(thing?.parameters, { deviceid: 'dummy-smart-meter', basetopic: 'homie' });
  for (const { name, metadata } of parseItems(items).slice(1)) {
    const [, path = ''] = /^homie:device:meters:dummy-smart-meter:(.*)$/.exec(String(metadata.channel)) ?? [];
    assert.ok(held.has(`${ROOT}/${path.replace('#', '/').replaceAll('_2D', '-')}`), `${name}: ${path}`);
  }

  const { device, heard } = JSON.parse(await describe(['--json'], toml, env)) as { heard: boolean; device: { serial: string } };
  assert.equal(heard, true);
  assert.equal(device.serial, 'DUMMY-1');
});

test('without a flag the device is a table, and one that was never heard is all that it could be', async () => {
  const text = await describe([], dummyToml({ url: 'mqtt://localhost' }));
  assert.match(text, /^dummy-smart-meter: Dummy Device\nnot heard yet: all that a meter of type dummy can show\n\n/);
  assert.match(text, /^homie\/dummy-smart-meter\/energy\/imported-total +Imported total +float +kWh +total$/m);
  assert.match(text, /^homie\/dummy-smart-meter\/meter\/status +Status +string +state, diagnostic$/m);
});

test('topics cannot be shown where none are published', async () => {
  const toml = dummyToml({ url: 'mqtt://localhost' }).replace('[sinks.homie]', '[sinks.mqtt-json]');
  await using program = await startProgram({ args: ['describe', 'dummy', '--openhab'], settings: { 'dummy.toml': toml } });
  assert.equal((await program.exit).code, 78);
  assert.match(program.stderr(), /dummy publishes no Homie topics/);
});
