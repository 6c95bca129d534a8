import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { p1Client } from '../../../../src/clients/p1/client.js';
import { TelegramShare } from '../../../../src/clients/p1/share.js';
import { LinkError } from '../../../../src/model/errors.js';
import type { Fault, Reading } from '../../../../src/model/reading.js';
import { clientContext } from '../../../support/client-context.js';
import { settle } from '../../../support/fake-clock.js';
import { RecordingLogger } from '../../../support/logger.js';
import { memoryLinks, type MemoryLinks } from '../../../support/memory-link.js';
import { flip, frameOf, KEYS, OTHER_KEYS, P1_SETTINGS, telegramOf } from '../../../support/p1.js';
import { freePort } from '../../../support/tcp-server.js';

const options = { timeout: 60_000 };
const never = new AbortController().signal;

test('without share_port nothing is passed on', () => {
  const client = p1Client(P1_SETTINGS, clientContext(), () => Promise.resolve(memoryLinks().near));
  assert.equal('alongside' in client, false);
});

test('what is verified is passed on as it was before it was encrypted, and nothing else is', options, async () => {
  await using meter = await run();
  const reader = await meter.read();
  const { far } = meter.cable;
  await far.write(frameOf(1, 621), never);
  await far.write(flip(frameOf(2, 622), 100), never);
  await far.write(frameOf(3, 623, OTHER_KEYS), never);
  await far.write(frameOf(4, 624, { ...KEYS, authenticationKey: OTHER_KEYS.authenticationKey }), never);
  await far.write(frameOf(1, 621), never);
  await far.write(telegramOf(625), never);
  await far.write(frameOf(5, flip(telegramOf(626), 40)), never);
  await far.write(Buffer.from('noise'), never);
  await far.write(frameOf(6, 627), never);
  const expected = Buffer.concat([telegramOf(621), telegramOf(627)]);
  assert.deepEqual(await received(reader, expected.length), expected);
});

test('readers stay connected while the link to the meter comes and goes', options, async () => {
  await using meter = await run();
  const reader = await meter.read();
  await meter.reconnect();
  await meter.cable.far.write(frameOf(1, 621), never);
  assert.deepEqual(await received(reader, telegramOf(621).length), Buffer.from(telegramOf(621)));
});

test('a reader that is dead never slows the meter, is disconnected, and that is said once', options, async () => {
  await using meter = await run();
  const TURNED_AWAY = 'a reader of the passed-on telegrams was turned away: it does not read what it is sent';
  const turnedAway = (): number => meter.log.lines.filter(({ message }) => message === TURNED_AWAY).length;
  let sent = 0;
  for (const dead of [1, 2]) {
    (await meter.read()).pause();
    while (turnedAway() < dead) {
      for (let count = 0; count < 50; count++) await meter.cable.far.write(frameOf(++sent), never);
      await settle();
      assert.equal(meter.items.length, sent);
    }
  }
  assert.ok(meter.items.every(({ kind }) => kind === 'reading'));
  assert.deepEqual(meter.log.of('warn'), [TURNED_AWAY]);
});

test('whoever listens on more than this machine is told who can read', options, async () => {
  const log = new RecordingLogger();
  const stop = new AbortController();
  const port = await freePort();
  const serving = new TelegramShare({ host: '0.0.0.0', port }, log).serve(stop.signal);
  while (log.lines.length < 2) await settle();
  assert.deepEqual(log.of('info'), [`telegrams are passed on at 0.0.0.0:${port}`]);
  assert.deepEqual(log.of('warn'), [`whoever reaches 0.0.0.0:${port} can read the telegrams: there is no password`]);
  stop.abort();
  await serving;
});

interface RunningMeter extends AsyncDisposable {
  readonly cable: MemoryLinks;
  readonly log: RecordingLogger;
  readonly items: readonly (Reading | Fault)[];
  /** Connects a reader of the passed-on telegrams. */
  read(): Promise<Socket>;
  /** Loses the cable and lays another. */
  reconnect(): Promise<void>;
}

/** Runs a client that passes its telegrams on, as the pipeline would. */
async function run(): Promise<RunningMeter> {
  const context = clientContext();
  const port = await freePort();
  const stop = new AbortController();
  const items: (Reading | Fault)[] = [];
  const sockets: Socket[] = [];
  let cable = memoryLinks();
  const client = p1Client({ ...P1_SETTINGS, share_port: port }, context, () => Promise.resolve(cable.near));
  const readings = async (): Promise<void> => {
    for await (const item of client.readings(stop.signal)) items.push(item);
  };
  const serving = client.alongside?.(stop.signal);
  let reading = readings();
  while (context.log.lines.length === 0) await settle();
  return {
    get cable() {
      return cable;
    },
    log: context.log,
    items,
    read: async () => {
      const socket = connect({ host: '127.0.0.1', port });
      sockets.push(socket);
      await once(socket, 'connect');
      await settle();
      return socket;
    },
    reconnect: async () => {
      cable.lose();
      await assert.rejects(reading, LinkError);
      cable = memoryLinks();
      reading = readings();
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await Promise.all([reading, serving]);
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function received(socket: Socket, count: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (let length = 0; length < count; length += chunks.at(-1)?.length ?? 0) {
    chunks.push(((await once(socket, 'data')) as [Buffer])[0]);
  }
  return Buffer.concat(chunks);
}
