import assert from 'node:assert/strict';
import { EventEmitter, getEventListeners, once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { p1Client } from '../../src/clients/p1/client.js';
import { collect, type Envelope } from '../../src/pipeline/collect.js';
import { Meter } from '../../src/pipeline/meter.js';
import { Queue } from '../../src/pipeline/queue.js';
import { openLink, type LinkSettings } from '../../src/transports/open-link.js';
import { clientContext } from '../support/client-context.js';
import { settle, type FakeClock } from '../support/fake-clock.js';
import { P1_SETTINGS } from '../support/p1.js';
import { ptyPair } from '../support/pty.js';
import { startTcpServer } from '../support/tcp-server.js';
import { skipWithout } from '../support/tool.js';

const CYCLES = 1_000;
/** Far more than any wait between two tries, so that time can be let go by without silence being noticed. */
const PERIOD_MS = 3_600_000;

test(
  `a port that is unplugged, missing or silent ${CYCLES} times leaves no descriptor, listener or timer`,
  {
    skip: skipWithout('socat'),
    timeout: 280_000,
  },
  async () => {
    await using pty = await ptyPair();
    await using port = await keepReading({
      type: 'serial',
      path: pty.near,
      baud_rate: 115_200,
      data_bits: 8,
      parity: 'none',
      stop_bits: 1,
    });
    const lose = async (): Promise<void> => {
      const closed = once(port.events, 'closed');
      await pty.unplug();
      await closed;
    };
    const faults: readonly (() => Promise<void>)[] = [
      async () => {
        await lose();
        await pty.replug();
      },
      async () => {
        await lose();
        await port.tryUntil('failed');
        await pty.replug();
      },
      () => port.fallSilent(),
    ];
    await endure(port, faults);
  },
);

test(
  `a connection that is reset, closed, refused or silent ${CYCLES} times leaves no descriptor, listener or timer`,
  {
    timeout: 120_000,
  },
  async () => {
    await using server = await startTcpServer();
    await using port = await keepReading({ type: 'tcp', host: '127.0.0.1', port: server.port });
    const lose = async (how: 'resetAndDestroy' | 'end'): Promise<void> => {
      const closed = once(port.events, 'closed');
      // The server may be told of the connection after the client is.
      while (server.sockets.size === 0) await settle();
      for (const socket of server.sockets) socket[how]();
      await closed;
    };
    const faults: readonly (() => Promise<void>)[] = [
      () => lose('resetAndDestroy'),
      () => lose('end'),
      async () => {
        const closed = once(port.events, 'closed');
        await server.stop();
        await closed;
        await port.tryUntil('failed');
        await server.start();
      },
      () => port.fallSilent(),
    ];
    await endure(port, faults);
  },
);

/** A client under the pipeline, on a real link but with a clock that stands still. */
interface Port extends AsyncDisposable {
  readonly clock: FakeClock;
  /** `opened`, `closed`, `failed`: what became of its link. */
  readonly events: EventEmitter;
  readonly stop: AbortSignal;
  /** Lets time go by until the link is opened again, or cannot be. */
  tryUntil(event: 'opened' | 'failed'): Promise<void>;
  /** Lets time go by until the link is given up as silent. */
  fallSilent(): Promise<void>;
}

async function keepReading(line: LinkSettings): Promise<Port> {
  const context = clientContext();
  const { clock, log, state, device } = context;
  const stop = new AbortController();
  const events = new EventEmitter();
  let triedAt = 0;
  const client = p1Client(
    { ...P1_SETTINGS, link: { preset: undefined, ...line }, period: PERIOD_MS },
    context,
    async (settings, signal) => {
      triedAt = clock.monotonic();
      try {
        const opened = await openLink(settings, signal);
        const close = async (): Promise<void> => {
          await opened.close();
          events.emit('closed');
        };
        events.emit('opened');
        return {
          read: (until) => opened.read(until),
          write: (bytes, until) => opened.write(bytes, until),
          discard: () => undefined,
          close,
        };
      } catch (error) {
        events.emit('failed');
        throw error;
      }
    },
  );
  const queue = new Queue<Envelope>(10);
  const meter = new Meter({ device, fingerprint: '', toleratedFaults: 2, clock, log, state, client });
  const opened = once(events, 'opened');
  const ended = collect({ environment: 'test', client, meter, queue, clock, log, random: () => 1 }, stop.signal);
  const drained = drain(queue);
  await opened;
  return {
    clock,
    events,
    stop: stop.signal,
    tryUntil: async (event) => {
      let happened = false;
      events.once(event, () => {
        happened = true;
      });
      while (!happened) await clock.advance(1_000);
    },
    fallSilent: async () => {
      const closed = once(events, 'closed');
      await clock.advance(triedAt + 3 * PERIOD_MS - clock.monotonic());
      await closed;
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await ended;
      queue.close();
      await drained;
      assert.equal(clock.sleeping, 0);
      assert.equal(getEventListeners(stop.signal, 'abort').length, 0);
    },
  };
}

async function drain(queue: Queue<Envelope>): Promise<void> {
  const forever = new AbortController().signal;
  while (await queue.take(forever)) continue;
}

/** Goes through the faults in turn, each followed by a new opening, and compares what is held after the first round with what is held in the end. */
async function endure(port: Port, faults: readonly (() => Promise<void>)[]): Promise<void> {
  let before: Awaited<ReturnType<typeof held>> | undefined;
  for (let cycle = 0; cycle < CYCLES; cycle++) {
    if (cycle === faults.length) before = await held(port);
    await faults[cycle % faults.length]?.();
    await port.tryUntil('opened');
  }
  assert.deepEqual(await held(port), before);
}

async function held({ clock, stop }: Port) {
  await settle();
  return {
    descriptors: (await readdir('/proc/self/fd')).length,
    resources: process.getActiveResourcesInfo().sort().join(),
    listeners: getEventListeners(stop, 'abort').length,
    timers: clock.sleeping,
  };
}
