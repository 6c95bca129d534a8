import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../src/pipeline/clock.js';
import { openLink } from '../../src/transports/open-link.js';
import { skipWithoutBroker, startBroker, type Broker } from '../support/broker.js';
import { dsmr3, dsmr5, withEvenParity } from '../support/dsmr.js';
import { t210Toml } from '../support/environments.js';
import { observe } from '../support/mqtt-observer.js';
import { startProgram, type Program } from '../support/program.js';
import { ptyPair } from '../support/pty.js';
import { startTcpServer } from '../support/tcp-server.js';
import { receive, sendOn } from '../support/uart.js';

const skip = { skip: skipWithoutBroker };
const POWER = 'homie/meter/power/current-usage';
const STATUS = 'homie/meter/meter/status';

const TO_PTY = { type: 'serial', baud_rate: 115_200, data_bits: 8, parity: 'none', stop_bits: 1 } as const;

/** Runs the program for a meter behind a serial port or a TCP port, with more lines of `[client.link]`. */
function run(broker: Broker, path: string | number, link: string): Promise<Program> {
  const toml = t210Toml({ id: 'meter', name: 'Meter', url: broker.url, path, client: 'period = "1s"' });
  return startProgram({ args: ['run', 'meter'], settings: { 'meter.toml': `${toml}\n${link}\n` } });
}

/** A meter at a serial port, which sends the same again and again. */
async function plugIn(path: string, telegram: Uint8Array): Promise<AsyncDisposable> {
  const stop = new AbortController();
  const link = await openLink({ ...TO_PTY, path }, stop.signal);
  const sending = (async () => {
    for (;;) {
      await link.write(telegram, stop.signal);
      await systemClock.sleep(400, stop.signal);
    }
  })().catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await sending;
      await link.close();
    },
  };
}

/** How a serial port is set, as the system shows it. */
function lineOf(path: string): readonly string[] {
  return execFileSync('stty', ['-a', '-F', path], { encoding: 'utf8' }).split(/[\s;]+/);
}

for (const [preset, baud, telegram, watts] of [
  ['dsmr5', '115200', dsmr5(193), '193'],
  ['dsmr4', '115200', dsmr5(194), '194'],
  ['dsmr3', '9600', withEvenParity(dsmr3(98)), '980'],
  ['dsmr2', '9600', dsmr3(99), '990'],
] as const) {
  test(`preset "${preset}" reads a serial port at ${baud}, whether or not it takes parity bits away`, skip, async () => {
    await using broker = await startBroker();
    await using observer = await observe(broker.url);
    await using pty = await ptyPair();
    await using program = await run(broker, pty.near, `preset = "${preset}"`);
    await using _meter = await plugIn(pty.far, telegram);
    await observer.shows(POWER, watts);
    await observer.shows('homie/meter/$state', 'ready');
    const line = lineOf(pty.near);
    assert.deepEqual(
      [baud, 'cs8', '-parenb', '-cstopb'].filter((word) => !line.includes(word)),
      [],
    );
    assert.equal(program.stderr().match(/meter (failing|silent)/g), null, program.stderr());
  });
}

test('"auto" finds a meter at 9600, says so once, and begins there when it is started again', skip, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using pty = await ptyPair();
  await using _meter = await plugIn(pty.far, withEvenParity(dsmr3(98)));
  await using program = await run(broker, pty.near, 'preset = "auto"');
  await program.says(/telegrams check out at 9600 7E1/);
  await observer.shows(POWER, '980');
  assert.ok(lineOf(pty.near).includes('9600'));
  await program.end('SIGTERM');
  assert.equal(program.stderr().match(/check out/g)?.length, 1, program.stderr());
  assert.match(await readFile(join(program.folder, 'state', 'meter.json'), 'utf8'), /"line": *"9600 7E1"/);
  observer.take();
  await using again = await program.again();
  await observer.shows(POWER, '980');
  await again.end('SIGTERM');
  assert.doesNotMatch(again.stderr(), /check out|failing|silent/);
});

test('"auto" finds a meter that starts to send long after the program, whatever its speed', skip, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using pty = await ptyPair();
  await using program = await run(broker, pty.near, 'preset = "auto"');
  await program.says(/meter silent: nothing heard from the meter for 3 s/);
  await using _meter = await plugIn(pty.far, withEvenParity(dsmr3(98)));
  await program.says(/telegrams check out at 9600 7E1/);
  await observer.shows(POWER, '980');
  await observer.shows('homie/meter/$state', 'ready');
  assert.equal(program.stderr().match(/meter silent/g)?.length, 1, program.stderr());
});

test('a signal without an inverter is said, with what to do', skip, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using pty = await ptyPair();
  await using program = await run(broker, pty.near, 'preset = "auto"');
  const heard = receive(sendOn(dsmr5(), { samplesPerBit: 4, inverted: true }), { samplesPerBit: 4 });
  await using _meter = await plugIn(pty.far, heard);
  await program.says(
    /meter failing: not understood: \d+ bytes without the start of a frame: the signal is inverted\. .* needs an inverter/,
  );
  await observer.until(({ topics }) => /the signal is inverted/.test(topics.get(STATUS) ?? ''), STATUS);
});

for (const [what, preset, telegram, watts] of [
  ['DSMR 5', 'dsmr5', dsmr5(193), '193'],
  ['DSMR 3 whose parity the adapter took away', 'dsmr3', dsmr3(98), '980'],
  ['DSMR 3 with its parity bits', 'dsmr3', withEvenParity(dsmr3(97)), '970'],
  ['DSMR 3, which is not known before,', 'auto', dsmr3(96), '960'],
] as const) {
  test(`an adapter that passes on ${what} over TCP is read`, skip, async () => {
    await using broker = await startBroker();
    await using observer = await observe(broker.url);
    await using server = await startTcpServer((socket) => {
      const timer = setInterval(() => socket.write(telegram), 400);
      socket.on('close', () => {
        clearInterval(timer);
      });
    });
    await using _program = await run(broker, server.port, `preset = "${preset}"`);
    await observer.shows(POWER, watts);
    await observer.shows('homie/meter/$state', 'ready');
  });
}

test('a recording of DSMR 3, whose telegrams have no check sum, is replayed with the preset of its environment', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'recording-'));
  const file = join(folder, 'recording.bin');
  await writeFile(file, Buffer.concat([withEvenParity(dsmr3(98)), withEvenParity(dsmr3(99))]));
  const toml = t210Toml({ id: 'meter', name: 'Meter', url: 'mqtt://127.0.0.1', path: '/dev/none' });
  const settings = { 'meter.toml': `${toml}\npreset = "dsmr3"\n` };
  await using program = await startProgram({ args: ['replay', 'meter', file], settings });
  const { code } = await program.exit;
  assert.equal(code, 0, program.stderr());
  assert.match(program.stdout(), /990/);
  await rm(folder, { recursive: true });
});
