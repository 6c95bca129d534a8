import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closeTelegram } from '../../src/codecs/p1/encode.js';
import { stampPrinter } from '../../src/codecs/p1/time.js';
import { skipWithoutBroker, startBroker } from '../support/broker.js';
import { dummyToml, kamstrupToml, t210Toml } from '../support/environments.js';
import { assertAccepted, suitsEnergyDashboard, type AnyConfig } from '../support/home-assistant.js';
import { observe, retained } from '../support/mqtt-observer.js';
import { plugInMultical } from '../support/multical.js';
import { startProgram } from '../support/program.js';
import { ptyPair } from '../support/pty.js';
import { startTcpServer } from '../support/tcp-server.js';
import { KEYS, plugInT210, secretsToml } from '../support/t210.js';

const options = { skip: skipWithoutBroker };
const SINK = '[sinks.home-assistant]\n';
const BOTH = ['homie/#', 'homeassistant/#'];

/** What Home Assistant would find on the broker: every topic that the config names exists. */
async function configAt(url: string, topic: string): Promise<AnyConfig> {
  const held = await retained(url, { filter: BOTH });
  const config = JSON.parse(held.get(topic) ?? 'null') as AnyConfig;
  assertAccepted(config);
  for (const [id, component] of Object.entries(config.components)) assert.ok(held.has(String(component.state_topic)), id);
  return config;
}

test('the program announces its device, again at a birth message, and the same after a restart', options, async () => {
  const topic = 'homeassistant/device/dummy-smart-meter/config';
  await using broker = await startBroker();
  await using observer = await observe(broker.url, { filter: BOTH });
  const settings = { 'dummy.toml': SINK + dummyToml({ url: broker.url }) };
  await using program = await startProgram({ args: ['run', 'dummy'], settings });
  await observer.until(({ topics }) => topics.has(topic), topic);
  const { components, origin } = await configAt(broker.url, topic);
  assert.ok(suitsEnergyDashboard(components['energy_imported-total'] ?? {}, 'energy'));
  assert.equal(origin.name, 'smart-meter-reader');

  const config = observer.topics.get(topic) ?? '';
  observer.take();
  await observer.publish('homeassistant/status', 'online', { retain: false });
  await observer.shows(topic, config);

  assert.equal((await program.end('SIGTERM')).code, 0);
  observer.take();
  await using again = await program.again();
  await observer.shows(topic, config);
  assert.doesNotMatch(program.stderr() + again.stderr(), /warn|error/);
});

test('a broker that forgot everything gets the config again', options, async () => {
  const topic = 'homeassistant/device/dummy-smart-meter/config';
  await using broker = await startBroker();
  await using observer = await observe(broker.url, { filter: BOTH });
  await using program = await startProgram({
    args: ['run', 'dummy'],
    settings: { 'dummy.toml': SINK + dummyToml({ url: broker.url }) },
  });
  await observer.until(({ topics }) => topics.has(topic), topic);
  const config = observer.topics.get(topic) ?? '';
  await broker.kill();
  await program.says(/dummy home-assistant: .*trying again/);
  observer.take();
  await broker.start();
  await observer.shows(topic, config);
  await program.end('SIGTERM');
});

test('a T210 goes into the Energy dashboard', options, async () => {
  const topic = 'homeassistant/device/electric-smart-meter/config';
  await using broker = await startBroker();
  await using observer = await observe(broker.url, { filter: BOTH });
  await using pty = await ptyPair();
  await using _t210 = await plugInT210(pty.far, { keys: KEYS });
  const toml = t210Toml({ id: 'electric-smart-meter', name: 'T210', url: broker.url, path: pty.near });
  const settings = { 't210.toml': SINK + toml, 't210.secrets.toml': secretsToml(KEYS) };
  await using program = await startProgram({ args: ['run', 't210'], settings });
  await observer.until(({ topics }) => topics.has(topic), topic);
  const { components, device } = await configAt(broker.url, topic);
  for (const id of ['energy_imported-total', 'energy_delivered-total', 'energy_used-tariff-1', 'energy_delivered-tariff-2'])
    assert.ok(suitsEnergyDashboard(components[id] ?? {}, 'energy'), id);
  assert.equal(device.name, 'T210');
  await program.end('SIGTERM');
});

test('a Multical goes into the Energy dashboard, its flow in L/h and its difference as one', options, async () => {
  const topic = 'homeassistant/device/heat-smart-meter/config';
  await using broker = await startBroker();
  await using observer = await observe(broker.url, { filter: BOTH });
  await using pty = await ptyPair();
  await using _multical = await plugInMultical(pty.far);
  const toml = kamstrupToml({
    id: 'heat-smart-meter',
    name: 'Heat',
    url: broker.url,
    path: pty.near,
    client: 'poll_interval = "1s"',
  });
  await using program = await startProgram({ args: ['run', 'kamstrup_403'], settings: { 'kamstrup_403.toml': SINK + toml } });
  await observer.until(({ topics }) => topics.has(topic), topic);
  const { components } = await configAt(broker.url, topic);
  assert.ok(suitsEnergyDashboard(components['energy_imported-total'] ?? {}, 'energy'));
  assert.equal(components.flow_flow?.unit_of_measurement, 'L/h');
  assert.equal(components['temperatures_temp-diff']?.device_class, 'temperature_delta');
  await program.end('SIGTERM');
});

test('a gas meter that is heard of later is announced with the rest', options, async () => {
  const topic = 'homeassistant/device/house/config';
  const print = stampPrinter('Europe/Amsterdam');
  const meter = { gas: false };
  await using broker = await startBroker();
  await using observer = await observe(broker.url, { filter: BOTH });
  await using line = await startTcpServer((socket) => {
    const timer = setInterval(() => {
      const stamp = print(Date.now());
      const gas = `0-1:24.1.0(003)\r\n0-1:96.1.0(4730303031)\r\n0-1:24.2.1(${stamp})(00010.123*m3)\r\n`;
      const text = `/ABC5meter\r\n\r\n1-3:0.2.8(50)\r\n0-0:1.0.0(${stamp})\r\n1-0:1.8.1(000001.000*kWh)\r\n${meter.gas ? gas : ''}!`;
      socket.write(closeTelegram(text));
    }, 100);
    socket.on('close', () => {
      clearInterval(timer);
    });
  });
  const client = 'type = "p1"\ntime_zone = "Europe/Amsterdam"\n';
  const link = `[client.link]\ntype = "tcp"\nhost = "127.0.0.1"\nport = ${line.port}\n`;
  const toml = `[device]\nid = "house"\n[mqtt]\nurl = "${broker.url}"\n[sinks.homie]\n[client]\n${client}${link}`;
  await using program = await startProgram({ args: ['run', 'house'], settings: { 'house.toml': SINK + toml } });
  await observer.until(({ topics }) => topics.has(topic), topic);
  assert.ok(!(observer.topics.get(topic) ?? '').includes('gas_volume'));
  meter.gas = true;
  await observer.until(({ topics }) => (topics.get(topic) ?? '').includes('gas_volume'), 'gas in the config');
  const { components } = await configAt(broker.url, topic);
  assert.ok(suitsEnergyDashboard(components.gas_volume ?? {}, 'gas'));
  assert.ok(suitsEnergyDashboard(components['energy_used-tariff-1'] ?? {}, 'energy'));
  await program.end('SIGTERM');
});

test('without a sink homie the settings are refused, and check says so', async () => {
  const toml = dummyToml({ url: 'mqtt://localhost:1883' }).replace('[sinks.homie]', '[sinks.homie]\nenabled = false');
  for (const command of ['check', 'run']) {
    await using program = await startProgram({ args: [command, 'dummy'], settings: { 'dummy.toml': SINK + toml } });
    assert.equal((await program.exit).code, 78);
    assert.match(program.stderr(), /dummy\.toml: sinks\.homie: is needed beside a sink of type home-assistant/);
  }
});
