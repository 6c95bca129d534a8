import { createServer, type Server, type Socket } from 'node:net';
import { closeServer, listen } from './listen.js';
import type { TcpAddress } from './tcp.js';

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
    const onError = (error: Error): void => {
      this.#onTurnedAway(error.message);
    };
    await listen(this.#server, address, onError, signal);
  }

  send(bytes: Uint8Array): void {
    for (const reader of this.#readers) {
      if (reader.writableLength + bytes.length <= MAX_UNSENT_BYTES) reader.write(bytes);
      else this.#drop(reader);
    }
  }

  async close(): Promise<void> {
    const closed = closeServer(this.#server);
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
