import { createServer, type Server, type Socket } from 'node:net';
import type { FarEnd } from './far-end.js';
import type { Link } from './link.js';
import { closeServer, listen } from './listen.js';
import { printAddress, tcpLink, type TcpAddress } from './tcp.js';
import { wait } from './wait.js';

/**
 * Listens on a TCP port as an adapter does that has a meter at its serial line: whoever connects while another reads is turned away, as by ser2net.
 * @param address port 0 takes any that is free
 * @throws LinkError nothing can listen there, with what to do about it
 */
export async function openTcpFarEnd(address: TcpAddress, signal: AbortSignal): Promise<FarEnd> {
  const end = new TcpFarEnd(address.host);
  try {
    await end.listen(address, signal);
    return end;
  } catch (error) {
    await end.close();
    throw error;
  }
}

class TcpFarEnd implements FarEnd {
  readonly #server: Server;
  readonly #host: string;
  #waiting: ((socket: Socket) => void) | undefined;
  #reader: Socket | undefined;

  constructor(host: string) {
    this.#host = host;
    this.#server = createServer((socket) => {
      socket.on('error', () => undefined);
      if (this.#waiting) this.#waiting(socket);
      else socket.destroy();
    });
  }

  get name(): string {
    const address = this.#server.address();
    return printAddress({ host: this.#host, port: typeof address === 'object' && address ? address.port : 0 });
  }

  async listen(address: TcpAddress, signal: AbortSignal): Promise<void> {
    // The error of one connection is that reader's.
    await listen(this.#server, address, () => undefined, signal);
  }

  async accept(signal: AbortSignal): Promise<Link> {
    let reader: Socket | undefined;
    await wait(signal, (wake) => {
      this.#waiting = (socket) => {
        this.#waiting = undefined;
        reader = socket;
        wake();
      };
    });
    this.#waiting = undefined;
    this.#reader = reader;
    signal.throwIfAborted();
    if (!reader) throw new TypeError('a wait that is not given up has come to its end');
    return tcpLink(reader, this.name);
  }

  unplug(): Promise<void> {
    this.#reader?.destroy();
    return Promise.resolve();
  }

  async close(): Promise<void> {
    this.#reader?.destroy();
    await closeServer(this.#server);
  }
}
