import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipWithoutBroker, startBroker } from '../support/broker.js';
import { dummyToml, t210Toml } from '../support/environments.js';
import { observe, retained, type Observer } from '../support/mqtt-observer.js';
import { startProgram } from '../support/program.js';
import { ptyPair } from '../support/pty.js';
import { KEYS, plugInT210, secretsToml } from '../support/t210.js';

const options = { skip: skipWithoutBroker };
const FILTER = 'tele/#';
const SENSOR = 'tele/dummy-smart-meter/SENSOR';
const LWT = 'tele/dummy-smart-meter/LWT';

const settingsOf = (url: string, lines = '') => ({ 'dummy.toml': `[sinks.mqtt-json]\n${lines}${dummyToml({ url })}` });

const messages = (observer: Observer, topic = SENSOR): Record<string, unknown>[] =>
  observer.seen
    .filter((seen) => seen.topic === topic && seen.payload !== '')
    .map(({ payload }) => JSON.parse(payload) as Record<string, unknown>);

test('each reading is a message, which the broker does not keep; Online and Offline are kept', options, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url, { filter: FILTER });
  await using program = await startProgram({ args: ['run', 'dummy'], settings: settingsOf(broker.url) });
  await observer.until((observer) => messages(observer).length >= 3);
  assert.deepEqual(observer.seen[0], { topic: LWT, payload: 'Online', retain: true, qos: 1 });
  assert.ok(observer.seen.filter(({ topic }) => topic === SENSOR).every(({ retain }) => !retain));
  for (const message of messages(observer)) assert.deepEqual(Object.keys(message), ['energy', 'power', 'meter']);
  const times = messages(observer).map(({ meter }) => (meter as Record<string, unknown>)['received-at']);
  assert.equal(new Set(times).size, times.length, 'every message is of a reading of its own');
  assert.equal((await program.end('SIGTERM')).code, 0);
  assert.deepEqual([...(await retained(broker.url, { filter: FILTER }))], [[LWT, 'Offline']]);
  assert.doesNotMatch(program.stderr(), /warn|error/);
});

test('a killed program is Offline', options, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url, { filter: FILTER });
  await using program = await startProgram({ args: ['run', 'dummy'], settings: settingsOf(broker.url) });
  await observer.shows(LWT, 'Online');
  await program.end('SIGKILL');
  await observer.shows(LWT, 'Offline');
});

test('keys, units, topics and retain are those of the settings', options, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url, { filter: 'cellar/#' });
  const lines = `topic = "cellar/meter"
status_topic = "cellar/alive"
retain = true
[sinks.mqtt-json.keys]
Import = "energy/imported-total"
Power = "power/current-usage"
Gas = "gas/volume"
[sinks.mqtt-json.units]
Power = "kW"
[sinks.mqtt-json.decimals]
Import = 0
`;
  await using program = await startProgram({ args: ['run', 'dummy'], settings: settingsOf(broker.url, lines) });
  await observer.until((observer) => messages(observer, 'cellar/meter').length >= 2);
  for (const message of messages(observer, 'cellar/meter')) {
    assert.deepEqual(Object.keys(message), ['Import', 'Power']);
    assert.ok(Number.isInteger(message.Import) && Number(message.Power) < 100);
  }
  await program.end('SIGTERM');
  const held = await retained(broker.url, { filter: 'cellar/#' });
  assert.deepEqual([...held.keys()].sort(), ['cellar/alive', 'cellar/meter']);
});

test('after an outage of the broker the next message is of now', options, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url, { filter: FILTER });
  await using program = await startProgram({ args: ['run', 'dummy'], settings: settingsOf(broker.url) });
  await observer.until((observer) => messages(observer).length >= 1);
  await broker.kill();
  await program.says(/dummy mqtt-json: .*trying again/);
  const outage = messages(observer).length;
  const restartedAt = new Date().toISOString();
  await broker.start();
  await observer.until((observer) => messages(observer).length >= outage + 2);
  const times = messages(observer)
    .slice(outage)
    .map(({ meter }) => String((meter as Record<string, unknown>)['received-at']));
  // The newest of the outage may be older by one interval of the meter.
  assert.ok(
    times.slice(1).every((time) => time > restartedAt),
    times.join(),
  );
  assert.equal(observer.topics.get(LWT), 'Online');
});

test('the preset tele writes what its consumers read', options, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url, { filter: FILTER });
  await using pty = await ptyPair();
  await using t210 = await plugInT210(pty.far, { keys: KEYS });
  const json = '[sinks.mqtt-json]\npreset = "tele"\ntopic = "tele/smartmeter/SENSOR"\nstatus_topic = "tele/smartmeter/LWT"\n';
  const toml = t210Toml({ id: 'electric-smart-meter', name: 'T210', url: broker.url, path: pty.near });
  const settings = { 't210.toml': json + toml, 't210.secrets.toml': secretsToml(KEYS) };
  await using program = await startProgram({ args: ['run', 't210'], settings });
  await observer.until((observer) => messages(observer, 'tele/smartmeter/SENSOR').length >= 2);
  await program.end('SIGTERM');
  await t210.stop();
  for (const message of messages(observer, 'tele/smartmeter/SENSOR')) {
    assert.deepEqual(
      Object.keys(message).filter((key) => !['Time', 'MeterName'].includes(key)),
      ['ImportPower', 'ExportPower', 'ImportReactivePower', 'ExportReactivePower', 'CurrentImport', 'CurrentExport'],
    );
    assert.match(String(message.Time), /^\d{12}[SW]$/);
    const sent = t210.sent.some(
      ({ values }) => values['1-0:1.8.0'] === Math.round(Number((message.ImportPower as number[])[0]) * 1000),
    );
    assert.ok(sent, JSON.stringify(message));
  }
});

test('keys that do not go together are refused, and check says so', async () => {
  const lines = 'preset = "tele"\n[sinks.mqtt-json.keys]\nA = "energy/imported-total"\n';
  await using program = await startProgram({ args: ['check', 'dummy'], settings: settingsOf('mqtt://localhost', lines) });
  assert.equal((await program.exit).code, 78);
  assert.match(program.stderr(), /preset: makes the whole message/);
});
