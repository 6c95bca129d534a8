import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { closeTelegram } from '../../src/codecs/p1/encode.js';
import { systemClock } from '../../src/pipeline/clock.js';
import { Multical } from '../../src/simulators/multical.js';
import { T210, type T210Telegram } from '../../src/simulators/t210.js';
import { openTcp, tcpLink, type TcpAddress } from '../../src/transports/tcp.js';
import { skipWithoutBroker, startBroker, type Broker } from '../support/broker.js';
import { kamstrupToml, t210Toml } from '../support/environments.js';
import { observe } from '../support/mqtt-observer.js';
import { startProgram, type Program, type ProgramOptions } from '../support/program.js';
import { ptyPair } from '../support/pty.js';
import { KEYS, plugInT210, secretsToml } from '../support/t210.js';
import { freePort, startTcpServer, type TcpServer } from '../support/tcp-server.js';
import { skipWithout } from '../support/tool.js';

const skip = { skip: skipWithoutBroker };
const DEVICE = 'homie/meter';
const TOTAL = `${DEVICE}/energy/imported-total`;

interface Setup {
  readonly broker: Broker;
  readonly port: number;
  readonly host?: string;
  readonly client?: string;
  readonly secrets?: string;
  readonly under?: ProgramOptions['under'];
}

/** Runs the program for a T210 behind a TCP port. */
function run({ broker, port, host = '127.0.0.1', client = '', secrets = secretsToml(KEYS), under }: Setup): Promise<Program> {
  const toml = t210Toml({ id: 'meter', name: 'Meter', url: broker.url, path: port, client });
  const settings = { 't210.toml': toml.replace('host = "127.0.0.1"', `host = "${host}"`), 't210.secrets.toml': secrets };
  return startProgram({ args: ['run', 't210'], settings, ...(under && { under }) });
}

/** A T210 whose port an adapter passes on to everybody who connects. */
async function serveT210(): Promise<{ server: TcpServer; sent: readonly T210Telegram[] } & AsyncDisposable> {
  const server = await startTcpServer();
  const stop = new AbortController();
  const sent: T210Telegram[] = [];
  const everybody = {
    ...{
      read: () => Promise.reject(new Error('a T210 does not listen')),
      discard: () => undefined,
      close: async () => undefined,
    },
    write: async (bytes: Uint8Array) => {
      for (const socket of server.sockets) socket.write(bytes);
    },
  };
  const onSent = ({ telegrams }: { readonly telegrams: readonly T210Telegram[] }): number => sent.push(...telegrams);
  const running = new T210({ keys: KEYS }).run(everybody, { clock: systemClock, intervalMs: 100, onSent }, stop.signal);
  return {
    server,
    sent,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await running;
      await server.stop();
    },
  };
}

/** How often the log says that the meter was lost, and that it is back. */
function said(program: Program): { readonly lost: number; readonly back: number } {
  const count = (pattern: RegExp): number => program.stderr().match(pattern)?.length ?? 0;
  return { lost: count(/meter (failing|silent)/g), back: count(/meter is back/g) };
}

for (const [what, lose] of [
  ['resets', (socket) => socket.resetAndDestroy()],
  ['closes', (socket) => socket.end()],
] as const satisfies [string, (socket: Socket) => unknown][]) {
  test(
    `an adapter that ${what} the connection is connected to again, with one line when lost and one when back`,
    skip,
    async () => {
      await using broker = await startBroker();
      await using observer = await observe(broker.url);
      await using meter = await serveT210();
      await using program = await run({ broker, port: meter.server.port });
      await observer.shows(`${DEVICE}/$state`, 'ready');
      for (let round = 1; round <= 2; round++) {
        for (const socket of meter.server.sockets) lose(socket);
        await observer.shows(`${DEVICE}/$state`, 'alert');
        await observer.shows(`${DEVICE}/$state`, 'ready');
        assert.deepEqual(said(program), { lost: round, back: round }, program.stderr());
      }
      const totals = new Set(meter.sent.map(({ values }) => String(values['1-0:1.8.0'])));
      assert.ok(observer.seen.filter(({ topic }) => topic === TOTAL).every(({ payload }) => totals.has(payload)));
    },
  );
}

test('an adapter that is restarted is found again', skip, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using meter = await serveT210();
  await using program = await run({ broker, port: meter.server.port });
  await observer.shows(`${DEVICE}/$state`, 'ready');
  await meter.server.stop();
  await observer.until(({ topics }) => /nothing listens there/.test(topics.get(`${DEVICE}/meter/status`) ?? ''));
  await meter.server.start();
  await observer.shows(`${DEVICE}/$state`, 'ready');
  assert.deepEqual(said(program), { lost: 1, back: 1 }, program.stderr());
});

test('a host name that does not resolve is said once, and the program goes on trying', skip, async () => {
  await using broker = await startBroker();
  await using program = await run({ broker, port: 2_001, host: 'no-such-host.invalid' });
  await program.says(/meter failing: cannot connect to no-such-host\.invalid:2001: (no host of this name|the name of the host)/);
  assert.equal((await program.end('SIGTERM')).code, 0);
  assert.equal(said(program).lost, 1);
});

test('bytes of the Telnet protocol are noise, and a byte beyond ASCII is part of a telegram', skip, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  const telegram = (watts: string): Buffer =>
    Buffer.from(closeTelegram(`/EST5\\253700000_A\r\n\r\n0-0:96.13.0(5m\xb3)\r\n1-0:1.7.0(${watts}*W)\r\n!`));
  const damaged = telegram('000000999');
  await using server = await startTcpServer((socket) => {
    // IAC WILL ECHO, IAC WILL SUPPRESS-GO-AHEAD, IAC DO TRANSMIT-BINARY: RFC 854 to 858.
    socket.write(Buffer.concat([Buffer.of(0xff, 0xfb, 0x01, 0xff, 0xfb, 0x03, 0xff, 0xfd, 0x00), telegram('000000621')]));
  });
  await using program = await run({ broker, port: server.port, secrets: '' });
  await observer.shows(`${DEVICE}/power/current-usage`, '621');
  for (const socket of server.sockets) {
    socket.write(Buffer.concat([damaged.subarray(0, 60), Buffer.of(0xff, 0xff), damaged.subarray(60)]));
    socket.write(Buffer.concat([Buffer.of(0xff, 0xf1), telegram('000000623')]));
  }
  await observer.shows(`${DEVICE}/power/current-usage`, '623');
  const usages = observer.seen.filter(({ topic }) => topic === `${DEVICE}/power/current-usage`);
  assert.deepEqual(
    usages.map(({ payload }) => payload),
    ['621', '623'],
  );
  assert.equal((await program.end('SIGTERM')).code, 0);
});

test(
  'an adapter that freezes is given up as silent, and read on when it goes on',
  { skip: skipWithoutBroker || skipWithout('socat') },
  async () => {
    await using broker = await startBroker();
    await using observer = await observe(broker.url);
    await using pty = await ptyPair();
    const port = await freePort();
    await using _meter = await plugInT210(pty.far, { keys: KEYS });
    await using adapter = start('socat', `tcp-listen:${port},bind=127.0.0.1,reuseaddr,fork`, `${pty.near},raw,echo=0`);
    await using program = await run({ broker, port, client: 'period = "1s"' });
    await observer.shows(`${DEVICE}/$state`, 'ready');
    const before = said(program);
    adapter.signal('SIGSTOP');
    await program.says(/meter silent: nothing heard from the meter for 3 s/);
    await observer.shows(`${DEVICE}/$state`, 'alert');
    adapter.signal('SIGCONT');
    await observer.shows(`${DEVICE}/$state`, 'ready');
    assert.deepEqual(said(program), { lost: before.lost + 1, back: before.back + 1 }, program.stderr());
  },
);

const notRoot = process.getuid?.() !== 0 && 'a network of its own takes root';
test(
  'a host that vanishes without a word is noticed, long before its meter would be silent',
  {
    skip: skipWithoutBroker || skipWithout('socat', 'unshare', 'nsenter', 'ip') || notRoot,
  },
  async () => {
    await using broker = await startBroker();
    const withLoopback = ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'] as const;
    await using program = await run({ broker, port: 2_001, client: 'period = "10m"', under: () => withLoopback });
    await program.says(/meter failing: cannot connect to 127\.0\.0\.1:2001: nothing listens there/);
    const inside = ['--target', String(program.pid), '--net'];
    await using adapter = start('nsenter', ...inside, 'socat', 'stdio', 'tcp-listen:2001,reuseaddr');
    adapter.process.stdin?.write(new T210({ keys: KEYS }).transmit(Date.now()).bytes);
    await program.says(/first reading received|meter is back/);
    await using _cut = start('nsenter', ...inside, 'ip', 'link', 'set', 'lo', 'down');
    await program.says(/meter failing: lost 127\.0\.0\.1:2001: the (host|network) (does not answer|cannot be reached)/);
  },
);

test(
  'a server that accepts nobody any more is given up after 10 s',
  { skip: skipWithout('python3'), timeout: 60_000 },
  async () => {
    const listener =
      'import socket; s = socket.create_server(("127.0.0.1", 0), backlog=0); print(s.getsockname()[1], flush=True); input()';
    await using server = start('python3', '-c', listener);
    const address = { host: '127.0.0.1', port: await server.firstNumber() };
    const forever = new AbortController().signal;
    // What nobody accepts waits in the backlog, which has room for one more than it is told. Linux, "sk_acceptq_is_full".
    const waiting = await connected(address);
    await assert.rejects(openTcp(address, forever), {
      name: 'LinkError',
      message: `cannot connect to 127.0.0.1:${address.port}: no answer within 10 s. Is the host switched on and the network up, does a firewall stand between?`,
    });
    waiting.destroy();
  },
);

test('a heat meter is read through an adapter: its requests come in one piece, and a reset is survived', skip, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  const stop = new AbortController();
  const meter = new Multical();
  const pieces: Buffer[] = [];
  await using server = await startTcpServer((socket) => {
    socket.on('data', (bytes) => pieces.push(bytes));
    // It ends with the connection.
    meter.run(tcpLink(socket, 'the program'), stop.signal).catch(() => undefined);
  });
  const toml = kamstrupToml({ id: 'meter', name: 'Meter', url: broker.url, path: server.port, client: 'poll_interval = "1s"' });
  await using program = await startProgram({ args: ['run', 'heat'], settings: { 'heat.toml': toml } });
  await observer.shows(TOTAL, '55006');
  for (const socket of server.sockets) socket.resetAndDestroy();
  await observer.shows(`${DEVICE}/$state`, 'alert');
  meter.registers.set(60, { unitCode: 0x03, value: { integer: 55_007, exponent: -3 } });
  await observer.shows(TOTAL, '55007');
  assert.deepEqual(said(program), { lost: 1, back: 1 }, program.stderr());
  // 80 … 0D is a whole request: Kamstrup 5512-447.
  assert.ok(pieces.every((piece) => piece.at(0) === 0x80 && piece.indexOf(0x0d) === piece.length - 1));
  stop.abort();
});

async function connected(address: TcpAddress): Promise<Socket> {
  const socket = connect(address);
  await once(socket, 'connect');
  return socket.on('error', () => undefined);
}

/** A process with those that it starts, which is ended with them. */
interface Running extends AsyncDisposable {
  readonly process: ChildProcess;
  signal(signal: NodeJS.Signals): void;
  /** What it prints first. */
  firstNumber(): Promise<number>;
}

function start(command: string, ...args: readonly string[]): Running {
  const child = spawn(command, args, { detached: true, stdio: ['pipe', 'pipe', 'ignore'] });
  const exited = once(child, 'exit');
  const signal = (name: NodeJS.Signals): void => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, name);
  };
  return {
    process: child,
    signal,
    firstNumber: async () => {
      const [line] = (await once(child.stdout, 'data')) as [Buffer];
      return Number(String(line));
    },
    [Symbol.asyncDispose]: async () => {
      signal('SIGKILL');
      await exited;
    },
  };
}
