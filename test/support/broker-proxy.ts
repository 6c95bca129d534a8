import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * How the proxy treats those who connect: it passes everything on; it takes the connection and never says a word; or it welcomes everybody as a
 * broker would, and says no more.
 */
export type Manner = 'passing' | 'mute' | 'welcoming';

/** What stands between the program and its broker, and can misbehave. `await using` cuts all connections and ends it. */
export interface BrokerProxy extends AsyncDisposable {
  readonly url: string;
  /** Cuts all connections, and treats new ones so. */
  behave(manner: Manner): void;
  /** Cuts all connections. */
  cut(): void;
}

/** CONNACK, accepted. MQTT 3.1.1, section 3.2. */
const WELCOME = Buffer.from([0x20, 2, 0, 0]);
const SLICE_BYTES = 256;

/**
 * Starts a proxy before a broker.
 * @param at a loopback port, or the path of a socket
 * @param bytesPerSecond how much it passes on in each direction of a connection
 */
export async function startBrokerProxy(
  at: number | string,
  manner: Manner = 'passing',
  bytesPerSecond = Infinity,
): Promise<BrokerProxy> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket
      .setNoDelay(true)
      .on('error', () => undefined)
      .on('close', () => sockets.delete(socket));
  };
  let current = manner;
  const server = createServer((socket) => {
    keep(socket);
    if (current === 'welcoming') socket.once('data', () => socket.write(WELCOME));
    if (current !== 'passing') {
      socket.resume();
      return;
    }
    const upstream = keep(connect(typeof at === 'string' ? { path: at } : { port: at, host: '127.0.0.1' }));
    void pass(socket, upstream, bytesPerSecond);
    void pass(upstream, socket, bytesPerSecond);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    behave: (next) => {
      current = next;
      cut();
    },
    [Symbol.asyncDispose]: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Passes on what one side says until it ends, at the pace of the other and no faster than allowed; then ends the other. */
async function pass(from: Socket, to: Socket, bytesPerSecond: number): Promise<void> {
  try {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length; at += SLICE_BYTES) {
        const slice = chunk.subarray(at, at + SLICE_BYTES);
        to.write(slice);
        if (bytesPerSecond < Infinity) await sleep((1_000 * slice.length) / bytesPerSecond);
      }
    }
  } catch {
    // The side that breaks takes the other with it.
  }
  to.destroy();
}
