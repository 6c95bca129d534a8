import { connect, type Socket } from 'node:net';
import { LinkError } from '../model/errors.js';
import type { Link } from './link.js';
import { UnreadBuffer } from './unread-buffer.js';
import { wait } from './wait.js';

/** Where a TCP server listens: a host name or an IP address, and a port. */
export interface TcpAddress {
  readonly host: string;
  readonly port: number;
}

/** A host in the same house answers within milliseconds; a bridge on a bad radio link may have to be asked again. */
const CONNECT_TIMEOUT_MS = 10_000;

/** After so much silence the system asks the other host whether it is still there, ten times at intervals of a second. libuv, "uv_tcp_keepalive". */
const KEEP_ALIVE_MS = 10_000;

/**
 * Connects to a server that passes on the bytes of a serial line as they are, such as ser2net in raw mode.
 * @throws LinkError there is no connection, with what to do about it
 */
export async function openTcp(address: TcpAddress, signal: AbortSignal): Promise<Link> {
  signal.throwIfAborted();
  const name = printAddress(address);
  const socket = connect(address);
  const link = tcpLink(socket, name);
  let failure: Error | undefined;
  await wait(signal, (wake) => {
    socket.once('connect', wake);
    socket.once('error', (error) => {
      failure = error;
      wake();
    });
    socket.setTimeout(CONNECT_TIMEOUT_MS).once('timeout', wake);
  });
  if (!signal.aborted && !failure && !socket.connecting) {
    socket.setTimeout(0);
    return link;
  }
  await link.close();
  signal.throwIfAborted();
  const reason = failure ? explain(failure) : `no answer within ${CONNECT_TIMEOUT_MS / 1_000} s. ${IS_IT_THERE}`;
  throw new LinkError(`cannot connect to ${name}: ${reason}`, { cause: failure });
}

/** A link over a socket that one side has opened and the other accepted. The link owns the socket. */
export function tcpLink(socket: Socket, name: string): Link {
  return new TcpLink(socket, name);
}

/** An address as it is written in a URL. */
export function printAddress({ host, port }: TcpAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

const IS_IT_THERE = 'Is the host switched on and the network up, does a firewall stand between?';
const CLOSED = 'the other side closed the connection. Does another program read there too? ser2net serves one at a time';

/** What the codes of Node's network errors mean here. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there. Is ser2net or the adapter running, are host and port right?',
  ENOTFOUND: 'no host of this name is known. Is host right? It is a name or an address, nothing else',
  EAI_AGAIN: 'the name of the host cannot be looked up. Is the network up?',
  ETIMEDOUT: `the host does not answer. ${IS_IT_THERE}`,
  EHOSTUNREACH: `the host cannot be reached. ${IS_IT_THERE}`,
  ENETUNREACH: 'the network cannot be reached. Is it up?',
  ECONNRESET: CLOSED,
  EPIPE: CLOSED,
};

function explain(error: Error): string {
  const code = 'code' in error ? String(error.code) : '';
  return REASONS[code] ?? error.message;
}

class TcpLink implements Link {
  readonly #name: string;
  readonly #socket: Socket;
  readonly #unread = new UnreadBuffer();
  readonly #gone: Promise<void>;
  #wakeWriter: (() => void) | undefined;

  constructor(socket: Socket, name: string) {
    this.#name = name;
    this.#socket = socket;
    this.#gone = new Promise((resolve) => {
      socket.once('close', () => {
        resolve();
      });
    });
    // Requests are short and answers awaited: nothing is to be held back until there is more.
    socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS);
    socket.on('data', (bytes) => {
      this.#unread.push(bytes);
    });
    socket.on('end', () => {
      this.#lose(CLOSED);
    });
    socket.on('error', (error) => {
      this.#lose(explain(error), error);
    });
  }

  read(signal: AbortSignal): Promise<Uint8Array> {
    return this.#unread.read(signal);
  }

  async write(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    let sent = false;
    await wait(signal, (wake) => {
      this.#wakeWriter = wake;
      this.#socket.write(bytes, (error) => {
        if (error) this.#lose(explain(error), error);
        else sent = true;
        wake();
      });
    });
    this.#wakeWriter = undefined;
    if (sent) return;
    if (this.#unread.lost) throw this.#unread.lost;
    // It may have gone out in part, and the rest cannot be taken back.
    this.#lose('it takes no more bytes');
    signal.throwIfAborted();
  }

  discard(): void {
    this.#unread.discard();
  }

  close(): Promise<void> {
    this.#end(new LinkError(`${this.#name} was closed`));
    return this.#gone;
  }

  #lose(reason: string, cause?: Error): void {
    this.#end(new LinkError(`lost ${this.#name}: ${reason}`, { cause }));
  }

  #end(reason: LinkError): void {
    this.#unread.end(reason);
    this.#socket.destroy();
    this.#wakeWriter?.();
  }
}
