import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseCapture } from '../../src/transports/capture.js';
import { kamstrupToml, t210Toml } from '../support/environments.js';
import { plugInMultical } from '../support/multical.js';
import { skipWithoutBroker, startBroker } from '../support/broker.js';
import { observe } from '../support/mqtt-observer.js';
import { follow, startProgram } from '../support/program.js';
import { ptyPair } from '../support/pty.js';
import { KEYS, plugInT210, secretsToml } from '../support/t210.js';

/** Nothing listens there: recording and replaying publish nothing. */
const url = 'mqtt://127.0.0.1:9';

const t210Settings = (path: string, broker = url) => ({
  't210.toml': t210Toml({ id: 'electric-smart-meter', name: 'Meter', url: broker, path }),
  't210.secrets.toml': secretsToml(KEYS),
});

test('what a T210 sends is recorded until Ctrl-C, for its owner alone, and replayed without waiting', async () => {
  await using pty = await ptyPair();
  await using recorder = await startProgram({
    args: ['record', 't210', '--output', 'meter.capture'],
    settings: t210Settings(pty.near),
  });
  await using meter = await plugInT210(pty.far, { keys: KEYS });
  await recorder.says(/first reading received/);
  const { code } = await recorder.end('SIGINT');
  await meter.stop();
  assert.equal(code, 0, recorder.stderr());
  assert.match(recorder.stdout(), /Recorded \d+ bytes in \d+ s to meter\.capture: \d+ readings?, \d+ faults?/);
  assert.match(recorder.stdout(), /smart-meter-reader replay t210 meter\.capture/);

  const path = join(recorder.folder, 'meter.capture');
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  const { header, chunks } = parseCapture(await readFile(path));
  assert.deepEqual([header.client, header.line], ['p1', '115200 8N1']);
  assert.ok(chunks.every(({ direction }) => direction === 'from'));

  const replayed = await follow(recorder, 'replay', 't210', 'meter.capture');
  assert.equal(replayed.code, 0, replayed.err);
  const totals = [...replayed.out.matchAll(/energy\/imported-total (\d+) Wh/g)].map(([, total]) => Number(total));
  assert.ok(totals.length > 0);
  assert.ok(totals.every((total) => meter.sent.some(({ values }) => values['1-0:1.8.0'] === total)));

  const again = await follow(recorder, 'record', 't210', '--output', 'meter.capture');
  assert.equal(again.code, 73);
  assert.match(again.err, /cannot write .*meter\.capture: it exists already/);
});

test('a Multical is asked while it is recorded, and the recording answers the same requests', async () => {
  await using pty = await ptyPair();
  await using meter = await plugInMultical(pty.far);
  meter.meter.faults.silent = 1;
  await using recorder = await startProgram({
    args: ['record', 'kamstrup_403', '--output', 'heat.capture'],
    settings: { 'kamstrup_403.toml': kamstrupToml({ id: 'heat-smart-meter', name: 'Heat', url, path: pty.near }) },
  });
  await recorder.says(/first reading received/);
  assert.equal((await recorder.end('SIGINT')).code, 0, recorder.stderr());
  const { chunks } = parseCapture(await readFile(join(recorder.folder, 'heat.capture')));
  // The first request gets no answer, so it is repeated; then type and registers.
  assert.equal(chunks.filter(({ direction }) => direction === 'to').length, 4);

  const { code, out, err } = await follow(recorder, 'replay', 'kamstrup_403', 'heat.capture', '--json');
  assert.equal(code, 0, err);
  const readings = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { kind: string; values: Record<string, unknown> })
    .filter(({ kind }) => kind === 'reading');
  assert.equal(readings.length, 1);
  assert.equal(readings[0]?.values['energy/imported-total'], 55_006);
  assert.equal(readings[0]?.values['meter/serial-number'], '76543210');
});

test('a line that cannot be opened ends a recording at once, without a file', async () => {
  await using recorder = await startProgram({
    args: ['record', 't210', '--output', 'meter.capture'],
    settings: t210Settings('/dev/no-such-port'),
  });
  assert.equal((await recorder.exit).code, 69);
  assert.match(recorder.stderr(), /cannot open \/dev\/no-such-port: .*systemctl stop smart-meter-reader@t210/s);
  await assert.rejects(stat(join(recorder.folder, 'meter.capture')));
});

test(
  'an environment runs from a recording, and --publish hands a recording to its sinks',
  { skip: skipWithoutBroker },
  async () => {
    await using broker = await startBroker();
    await using observer = await observe(broker.url);
    await using pty = await ptyPair();
    await using recorder = await startProgram({
      args: ['record', 't210', '--output', 'meter.capture'],
      settings: {
        ...t210Settings(pty.near, broker.url),
        'played.toml': t210Toml({ id: 'played', name: 'Played', url: broker.url, path: pty.near }).replace(
          /\[client\.link\][^]*?\n\n|\[client\.link\][^]*$/,
          '[client.link]\ntype = "replay"\npath = "meter.capture"\nspeed = "max"\n',
        ),
        'played.secrets.toml': secretsToml(KEYS),
      },
    });
    await using meter = await plugInT210(pty.far, { keys: KEYS });
    await recorder.says(/first reading received/);
    await recorder.end('SIGINT');
    await meter.stop();
    assert.deepEqual([...observer.topics.keys()], []);

    const published = await follow(recorder, 'replay', 't210', 'meter.capture', '--publish', '--speed', '100');
    assert.equal(published.code, 0, published.err);
    await observer.until(
      ({ topics }) => Number(topics.get('homie/electric-smart-meter/energy/imported-total')) >= 4_204_204,
      'a total of the recording',
    );
    const ran = await follow(recorder, 'run', 'played');
    assert.equal(ran.code, 0, ran.err);
    assert.match(ran.err, /end of .*meter\.capture: nothing more was recorded/);
    await observer.until(({ topics }) => topics.get('homie/played/$state') === 'disconnected', 'the end of the recording');
    assert.ok(Number(observer.topics.get('homie/played/energy/imported-total')) >= 4_204_204);
  },
);
