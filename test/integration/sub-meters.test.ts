import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closeTelegram } from '../../src/codecs/p1/encode.js';
import { stampPrinter } from '../../src/codecs/p1/time.js';
import { skipWithoutBroker, startBroker, type Broker } from '../support/broker.js';
import { observe, type Observer } from '../support/mqtt-observer.js';
import { startProgram, type Program } from '../support/program.js';
import { startTcpServer } from '../support/tcp-server.js';

const skip = { skip: skipWithoutBroker };
const DEVICE = 'homie/house';
const ZONE = 'Europe/Amsterdam';
const printStamp = stampPrinter(ZONE);

/** A gas meter as it hangs on a channel. */
interface GasMeter {
  readonly id: string;
  readonly cubicMetres: string;
}

/** What the next telegrams say; a test changes it. */
interface House {
  id: string;
  kWh: string;
  gas: Readonly<Record<number, GasMeter>>;
}

const hex = (text: string): string => Buffer.from(text, 'latin1').toString('hex').toUpperCase();

function telegramOf({ id, kWh, gas }: House): Uint8Array {
  const stamp = printStamp(Date.now());
  const channels = Object.entries(gas).map(
    ([channel, { id: gasId, cubicMetres }]) =>
      `0-${channel}:24.1.0(003)\r\n0-${channel}:96.1.0(${hex(gasId)})\r\n0-${channel}:24.2.1(${stamp})(${cubicMetres}*m3)\r\n`,
  );
  const head = `/ABC5meter\r\n\r\n1-3:0.2.8(50)\r\n0-0:1.0.0(${stamp})\r\n0-0:96.1.1(${hex(id)})\r\n`;
  return closeTelegram(`${head}1-0:1.8.1(${kWh}*kWh)\r\n${channels.join('')}!`);
}

/** A P1 port in the network that says every tenth of a second what the house is like now. */
function portOf(house: House): ReturnType<typeof startTcpServer> {
  return startTcpServer((socket) => {
    const timer = setInterval(() => socket.write(telegramOf(house)), 100);
    socket.on('close', () => {
      clearInterval(timer);
    });
  });
}

function run({ url }: Broker, port: number, more = ''): Promise<Program> {
  const client = `[client]\ntype = "p1"\ntime_zone = "${ZONE}"\n[client.link]\ntype = "tcp"\nhost = "127.0.0.1"\nport = ${port}\n`;
  const toml = `[device]\nid = "house"\n[mqtt]\nurl = "${url}"\n[sinks.homie]\n${more}${client}`;
  return startProgram({ args: ['run', 'house'], settings: { 'house.toml': toml } });
}

const states = (observer: Observer): string[] =>
  observer.seen.filter(({ topic }) => topic === `${DEVICE}/$state`).map(({ payload }) => payload);

test('a gas meter that is heard of later joins the tree, and stays in it when telegrams are shorter again', skip, async () => {
  const house: House = { id: 'E1', kWh: '000001.000', gas: {} };
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using port = await portOf(house);
  await using _program = await run(broker, port.port);
  await observer.shows(`${DEVICE}/energy/used-tariff-1`, '1000');
  await observer.until(({ topics }) => topics.get(`${DEVICE}/$state`) === 'ready');
  assert.equal(observer.topics.get(`${DEVICE}/$nodes`)?.includes('gas'), false);
  observer.take();
  house.gas = { 1: { id: 'G1', cubicMetres: '00010.123' } };
  await observer.shows(`${DEVICE}/gas/volume`, '10.123');
  await observer.shows(`${DEVICE}/$state`, 'ready');
  assert.deepEqual(states(observer).slice(-2), ['init', 'ready']);
  assert.ok(observer.topics.get(`${DEVICE}/$nodes`)?.split(',').includes('gas'));
  house.gas = {};
  house.kWh = '000001.001';
  await observer.shows(`${DEVICE}/energy/used-tariff-1`, '1001');
  assert.ok(observer.topics.get(`${DEVICE}/$nodes`)?.split(',').includes('gas'));
  assert.equal(observer.topics.get(`${DEVICE}/gas/volume`), '10.123');
});

test('a gas meter keeps its node when its channel changes over a restart, and a second one has another', skip, async () => {
  const house: House = { id: 'E1', kWh: '000001.000', gas: { 1: { id: 'G1', cubicMetres: '00010.123' } } };
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using port = await portOf(house);
  await using program = await run(broker, port.port);
  await observer.shows(`${DEVICE}/gas/volume`, '10.123');
  assert.equal((await program.end('SIGTERM')).code, 0);
  house.gas = { 1: { id: 'G2', cubicMetres: '00777.000' }, 2: { id: 'G1', cubicMetres: '00010.124' } };
  await using _again = await program.again();
  await observer.shows(`${DEVICE}/gas-2/volume`, '777');
  await observer.shows(`${DEVICE}/gas/volume`, '10.124');
  assert.equal(
    observer.seen.some(({ topic, payload }) => topic === `${DEVICE}/gas/volume` && payload === '777'),
    false,
  );
});

test('a gas meter that replaces another takes its node over, and its smaller total is its own', skip, async () => {
  const house: House = { id: 'E1', kWh: '000001.000', gas: { 1: { id: 'G1', cubicMetres: '05010.123' } } };
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using port = await portOf(house);
  await using program = await run(broker, port.port);
  await observer.shows(`${DEVICE}/gas/volume`, '5010.123');
  house.gas = { 1: { id: 'G2', cubicMetres: '00000.004' } };
  await observer.shows(`${DEVICE}/gas/volume`, '0.004');
  await program.says(/G2.*G1|G1.*G2/);
  assert.equal(observer.topics.has(`${DEVICE}/gas-2/volume`), false);
});

for (const [what, enabled] of [
  ['with', true],
  ['without', false],
] as const) {
  test(`an electricity meter that replaces another is said, ${what} plausibility`, skip, async () => {
    const house: House = { id: 'E1', kWh: '004204.000', gas: {} };
    await using broker = await startBroker();
    await using observer = await observe(broker.url);
    await using port = await portOf(house);
    await using program = await run(broker, port.port, `[plausibility]\nenabled = ${enabled}\n`);
    await observer.shows(`${DEVICE}/energy/used-tariff-1`, '4204000');
    await observer.shows(`${DEVICE}/meter/serial-number`, 'E1');
    Object.assign(house, { id: 'E2', kWh: '000000.007' });
    await observer.shows(`${DEVICE}/energy/used-tariff-1`, '7');
    await observer.shows(`${DEVICE}/meter/serial-number`, 'E2');
    await program.says(/another meter: serial number E2 instead of E1/);
  });
}
