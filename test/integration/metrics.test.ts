import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { skipWithoutBroker, startBroker } from '../support/broker.js';
import { dummyToml, t210Toml } from '../support/environments.js';
import { observe } from '../support/mqtt-observer.js';
import { parseOpenMetrics, skipWithoutParser } from '../support/open-metrics.js';
import { startProgram } from '../support/program.js';
import { ptyPair } from '../support/pty.js';
import { freePort, startTcpServer } from '../support/tcp-server.js';
import { KEYS, plugInT210, secretsToml } from '../support/t210.js';
import { skipWithout } from '../support/tool.js';
import type { T210Fault } from '../../src/simulators/t210.js';

const DEVICE = 'homie/t210';

/** A page of the program that listens on that port. */
async function read(port: number, path: string): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return { status: response.status, text: await response.text() };
}

/** The value of a sample, by its name and labels as they are written; undefined when there is none. */
function valueOf(text: string, sample: string): number | undefined {
  const line = text.split('\n').find((each) => each.startsWith(`${sample} `));
  return line === undefined ? undefined : Number(line.slice(sample.length + 1));
}

/** Settings of a T210 on a port, that is read every second, with figures on another. */
function t210Settings(url: string, path: string, port: number): Readonly<Record<string, string>> {
  const toml = t210Toml({ id: 't210', name: 'T210', url, path, client: 'period = "1s"' });
  return { 't210.toml': `${toml}\n[sinks.metrics]\nport = ${port}\n`, 't210.secrets.toml': secretsToml(KEYS) };
}

test('all environments of a process share one listener, on the loopback only', { skip: skipWithoutBroker }, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  const port = await freePort();
  const settings = {
    'default.toml': `[sinks.metrics]\nport = ${port}\n`,
    'one.toml': dummyToml({ url: broker.url, id: 'one' }),
    'two.toml': dummyToml({ url: broker.url, id: 'two' }),
  };
  await using program = await startProgram({ args: ['run', 'one', 'two'], settings });
  await observer.shows('homie/one/$state', 'ready');
  await observer.shows('homie/two/$state', 'ready');
  await program.says(/metrics: metrics are at http:\/\/127\.0\.0\.1:\d+\/metrics/);
  const { status, text } = await read(port, '/healthz');
  assert.equal(status, 200);
  assert.match(text, /^one: ok, last reading \d+ s ago\ntwo: ok, last reading \d+ s ago\n$/);

  const metrics = (await read(port, '/metrics')).text;
  assert.equal(valueOf(metrics, 'smart_meter_state{environment="one",device="one",smart_meter_state="ok"}'), 1);
  assert.ok(Number(valueOf(metrics, 'smart_meter_readings_total{environment="two",device="two"}')) > 0);
  assert.ok(Number(valueOf(metrics, 'smart_meter_sink_delivered_total{environment="two",sink="homie",device="two"}')) > 0);
  assert.notEqual(valueOf(metrics, 'smart_meter_sink_delivered_total{sink="metrics"}'), undefined);
  if (skipWithoutParser === false) assert.ok(parseOpenMetrics(metrics).length > 10);

  const stranger = connect({ host: '127.0.0.2', port });
  await assert.rejects(once(stranger, 'connect'), { code: 'ECONNREFUSED' });
});

const cable = { skip: skipWithoutBroker || skipWithout('socat') };

test('a meter that went silent is not well, though the program lives and the broker is up', cable, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using pty = await ptyPair();
  const port = await freePort();
  await using program = await startProgram({ args: ['run', 't210'], settings: t210Settings(broker.url, pty.near, port) });
  let quiet = false;
  await using _meter = await plugInT210(pty.far, { keys: KEYS, fault: () => (quiet ? 'silence' : undefined) });
  await observer.shows(`${DEVICE}/$state`, 'ready');
  await program.says(/metrics are at/);
  assert.equal((await read(port, '/healthz')).status, 200);

  quiet = true;
  await program.says(/meter silent/);
  assert.deepEqual(await read(port, '/healthz'), {
    status: 503,
    text: 't210: silent: nothing heard from the meter for 3 s\n',
  });
  const age = 'smart_meter_reading_age_seconds{environment="t210",device="t210"}';
  assert.ok(Number(valueOf((await read(port, '/metrics')).text, age)) > 2.5);

  quiet = false;
  await program.says(/meter is back/);
  assert.equal((await read(port, '/healthz')).status, 200);
  assert.ok(Number(valueOf((await read(port, '/metrics')).text, age)) < 2.5);
});

test('each frame is counted once: as good, or by what was wrong with it, as in the node meter', cable, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using pty = await ptyPair();
  const port = await freePort();
  await using program = await startProgram({ args: ['run', 't210'], settings: t210Settings(broker.url, pty.near, port) });
  // A single frame that accuses a key which was good before counts as damaged; only the third in a row is believed.
  const faults: T210Fault[] = ['replay', 'replay', ...Array<T210Fault>(3).fill('wrong-authentication-key')];
  let begun = false;
  await using meter = await plugInT210(pty.far, { keys: KEYS, fault: () => (begun ? faults.shift() : undefined) });
  await observer.shows(`${DEVICE}/$state`, 'ready');
  await program.says(/metrics are at/);
  begun = true;
  // Five in a row are a failing meter: its health tells the figures when it is back.
  await observer.shows(`${DEVICE}/meter/faults`, '5');
  await observer.shows(`${DEVICE}/$state`, 'ready');
  const text = (await read(port, '/metrics')).text;
  const faultsOf = (kind: string): number | undefined =>
    valueOf(text, `smart_meter_faults_total{environment="t210",device="t210",kind="${kind}"}`);
  assert.deepEqual(
    ['replayed', 'wrong-authentication-key', 'checksum', 'truncated', 'timeout'].map((kind) => faultsOf(kind)),
    [2, 1, 2, 0, 0],
  );
  const good = Number(valueOf(text, 'smart_meter_readings_total{environment="t210",device="t210"}'));
  assert.ok(good >= 1 && good <= meter.sent.length);
  assert.deepEqual(
    ['replayed', 'tag-errors', 'checksum-errors', 'truncated', 'timeouts'].map((id) =>
      observer.topics.get(`${DEVICE}/meter/${id}`),
    ),
    ['2', '1', '2', '0', '0'],
  );
});

test(
  'a port that is taken is said once; the meter goes on, and the metrics come when it is free',
  { skip: skipWithoutBroker },
  async () => {
    await using broker = await startBroker();
    await using observer = await observe(broker.url);
    await using squatter = await startTcpServer();
    const toml = `${dummyToml({ url: broker.url, id: 'one' })}\n[sinks.metrics]\nport = ${squatter.port}\n`;
    await using program = await startProgram({ args: ['run', 'one'], settings: { 'one.toml': toml } });
    await program.says(
      /warn metrics: cannot listen on 127\.0\.0\.1:\d+: another program listens there.*trying again until it works$/m,
    );
    await observer.shows('homie/one/$state', 'ready');
    await squatter.stop();
    await program.says(/metrics: connected again/);
    assert.equal((await read(squatter.port, '/healthz')).status, 200);
    assert.equal(program.stderr().match(/cannot listen/g)?.length, 1);
  },
);

test(
  'who connects and asks nothing holds up neither the meter nor the end of the program',
  { skip: skipWithoutBroker },
  async () => {
    await using broker = await startBroker();
    await using observer = await observe(broker.url);
    const port = await freePort();
    const toml = `${dummyToml({ url: broker.url, id: 'one' })}\n[sinks.metrics]\nport = ${port}\n`;
    await using program = await startProgram({ args: ['run', 'one'], settings: { 'one.toml': toml } });
    await program.says(/metrics are at/);
    const idle = Array.from({ length: 40 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
    await Promise.all(idle.map((socket) => once(socket, 'connect')));
    const before = observer.topics.get('homie/one/meter/received-at');
    await observer.until(({ topics }) => topics.get('homie/one/meter/received-at') !== before, 'a newer reading');
    const { code, afterMs } = await program.end('SIGTERM');
    assert.equal(code, 0);
    assert.ok(afterMs < 5_000, `${afterMs} ms`);
  },
);
