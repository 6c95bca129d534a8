import { createServer, type Server, type Socket } from 'node:net';
import { LinkError } from '../model/errors.js';
import { printAddress, type TcpAddress } from './tcp.js';
import { wait } from './wait.js';

/** A TCP port on which everybody who connects is sent the same bytes, from then on. */
export interface Broadcast {
  /** How many are connected. */
  readonly readers: number;
  /** Sends to all that are connected and waits for none. Who is too far behind is disconnected. */
  send(bytes: Uint8Array): void;
  /** Disconnects all and stops to listen. Never throws. */
  close(): Promise<void>;
}

/** How many may be connected at once. */
export const MAX_READERS = 8;

/** How many bytes may wait for one reader, beyond what the system holds for it: a quarter of an hour of a P1 port, at least. */
export const MAX_UNSENT_BYTES = 65_536;

/** After so much silence the system asks a reader's host whether it is still there. */
const KEEP_ALIVE_MS = 60_000;

/**
 * Listens on a TCP port for readers. What they send is ignored.
 * @param onTurnedAway called with the reason whenever a reader was refused or disconnected
 * @throws LinkError nothing can listen there, with what to do about it
 */
export async function openBroadcast(
  address: TcpAddress,
  onTurnedAway: (reason: string) => void,
  signal: AbortSignal,
): Promise<Broadcast> {
  signal.throwIfAborted();
  const server = new BroadcastServer(onTurnedAway);
  try {
    await server.listen(address, signal);
    return server;
  } catch (error) {
    await server.close();
    throw error;
  }
}

/** What the codes of Node's network errors mean here. */
const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there. Choose another port, or find it by `ss -ltnp`',
  EACCES: 'this port may only be used by the system. Choose one above 1023',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'no host of this name is known',
};

class BroadcastServer implements Broadcast {
  readonly #server: Server;
  readonly #readers = new Set<Socket>();
  readonly #onTurnedAway: (reason: string) => void;

  constructor(onTurnedAway: (reason: string) => void) {
    this.#onTurnedAway = onTurnedAway;
    this.#server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS }, (socket) => {
      this.#welcome(socket);
    });
    this.#server.maxConnections = MAX_READERS;
    this.#server.on('drop', () => {
      onTurnedAway(`there are ${MAX_READERS} readers already`);
    });
  }

  get readers(): number {
    return this.#readers.size;
  }

  async listen(address: TcpAddress, signal: AbortSignal): Promise<void> {
    let failure: Error | undefined;
    const onError = (error: Error): void => {
      failure = error;
    };
    this.#server.on('error', onError);
    await wait(signal, (wake) => {
      this.#server.once('error', wake).listen(address, wake);
    });
    signal.throwIfAborted();
    if (failure) {
      const code = 'code' in failure ? String(failure.code) : '';
      throw new LinkError(`cannot listen on ${printAddress(address)}: ${REASONS[code] ?? String(failure)}`, { cause: failure });
    }
    // From now on an error is that of one connection, such as no descriptor left for it.
    this.#server.off('error', onError).on('error', (error) => {
      this.#onTurnedAway(error.message);
    });
  }

  send(bytes: Uint8Array): void {
    for (const reader of this.#readers) {
      if (reader.writableLength + bytes.length <= MAX_UNSENT_BYTES) reader.write(bytes);
      else this.#drop(reader);
    }
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
    for (const reader of this.#readers) reader.destroy();
    await closed;
  }

  #welcome(reader: Socket): void {
    this.#readers.add(reader);
    // Read on, since otherwise nobody would notice that it has gone; and an error that nobody hears ends the process.
    reader.resume();
    reader.on('error', () => undefined);
    reader.once('close', () => this.#readers.delete(reader));
  }

  #drop(reader: Socket): void {
    this.#readers.delete(reader);
    reader.destroy();
    this.#onTurnedAway('it does not read what it is sent');
  }
}
