import { readSync, writeSync } from 'node:fs';
import { SerialPort } from 'serialport';
import { LinkError } from '../model/errors.js';
import type { Link } from './link.js';
import { UnreadBuffer } from './unread-buffer.js';
import { wait } from './wait.js';

/** How the characters on a serial line are made. */
export interface LineSettings {
  readonly baudRate: number;
  readonly dataBits: 7 | 8;
  readonly parity: 'none' | 'even' | 'odd';
  readonly stopBits: 1 | 2;
}

/** What `serialport` opens. */
type AnyPort = Awaited<ReturnType<typeof SerialPort.binding.open>>;

/** A file descriptor with its line settings made, and the events of that descriptor. */
type Port = Extract<AnyPort, { readonly poller: unknown }> & { readonly fd: number };

/** The events that `Port.poller` can be asked for. They fire once. libuv, "uv_poll_event". */
const READABLE = 1;
const WRITABLE = 2;

/** What `read` returns at the most for a terminal: the size of the kernel's line buffer. Linux, "N_TTY_BUF_SIZE". */
const READ_BYTES = 4_096;

/**
 * Opens a serial port, locks it and raises its modem lines, which feed many reading heads.
 * @throws LinkError the port cannot be opened, with what to do about it
 */
export async function openSerial(path: string, line: LineSettings, signal: AbortSignal): Promise<Link> {
  signal.throwIfAborted();
  const port = await openPort(path, line);
  const link = new SerialLink(path, port);
  try {
    await raiseModemLines(port);
    signal.throwIfAborted();
    return link;
  } catch (error) {
    await link.close();
    throw error;
  }
}

async function openPort(path: string, line: LineSettings): Promise<Port> {
  try {
    const port = await SerialPort.binding.open({ path, ...line });
    if (isPort(port)) return port;
    throw new Error('serial ports are not supported on this system');
  } catch (error) {
    throw new LinkError(`cannot open ${path}: ${whatToDo(error)}`, { cause: error });
  }
}

function isPort(port: AnyPort): port is Port {
  return 'poller' in port && port.fd !== null;
}

/** The system's reasons for refusing a port, with what a user can do. The binding passes on the texts of strerror(3), not the codes. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/No such file/, 'there is no such port. Is the adapter plugged in? /dev/serial/by-id lists those that are'],
  [/No such device|Input\/output error/, 'its adapter is gone or does not answer. Plug it in again'],
  [/Permission denied/, 'permission denied. Add the user to the group dialout and log in again'],
  [/Operation not permitted/, 'the service may not use this kind of port. Allow it by DeviceAllow= in `systemctl edit`'],
  [
    /Cannot lock|busy/,
    'another program is using it. Does another instance, an older reading program, a login console or ModemManager have it open? fuser -v names it',
  ],
  [/Inappropriate ioctl|Not a typewriter/, 'it is not a serial port'],
];

function whatToDo(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return REASONS.find(([pattern]) => pattern.test(text))?.[1] ?? text;
}

/** Best effort: a pseudo-terminal has no modem lines (ENOTTY), and not every adapter has a latency to lower. */
async function raiseModemLines(port: Port): Promise<void> {
  await port.set({ dtr: true, rts: true, lowLatency: true }).catch(() => undefined);
}

/**
 * A serial port. `serialport` opens it and tells its events; reading and writing the descriptor is done here. The library's own stream
 * takes the end of file for "try again" and spins for ever when a port is unplugged while bytes come in, and it reads in a thread
 * that can outlive the descriptor. The descriptor is non-blocking, so each call here returns at once.
 */
class SerialLink implements Link {
  readonly #path: string;
  readonly #port: Port;
  readonly #descriptor: number;
  readonly #unread = new UnreadBuffer();
  readonly #scratch = new Uint8Array(READ_BYTES);
  #wakeWriter: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  constructor(path: string, port: Port) {
    this.#path = path;
    this.#port = port;
    this.#descriptor = port.fd;
    // From Node 26.4 on, what the poller's own callback resolves waits until something else happens; what an immediate resolves does not.
    port.poller.on('readable', (error: Error | null) => setImmediate(this.#receive, error));
    port.poller.on('writable', () => setImmediate(this.#wake));
    this.#listen();
  }

  read(signal: AbortSignal): Promise<Uint8Array> {
    return this.#unread.read(signal);
  }

  async write(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    let sent = 0;
    for (;;) {
      signal.throwIfAborted();
      sent += this.#attempt(() => writeSync(this.#descriptor, bytes, sent)) ?? 0;
      if (this.#unread.lost) throw this.#unread.lost;
      if (sent === bytes.length) break;
      await wait(signal, (wake) => {
        this.#wakeWriter = wake;
        this.#listen();
      });
      this.#wakeWriter = undefined;
    }
    await this.#drain(signal);
  }

  discard(): void {
    // What the kernel holds has arrived as well.
    this.#attempt(() => readSync(this.#descriptor, this.#scratch));
    this.#unread.discard();
  }

  close(): Promise<void> {
    this.#end(new LinkError(`${this.#path} was closed`));
    // The library never frees a poller, and with it whoever listens to it.
    this.#port.poller.removeAllListeners();
    // A port that is gone may fail to close; it holds no descriptor then either.
    this.#closing ??= this.#port.close().catch(() => undefined);
    return this.#closing;
  }

  readonly #receive = (error: Error | null): void => {
    if (this.#unread.lost) return;
    const count = error ? 0 : this.#attempt(() => readSync(this.#descriptor, this.#scratch));
    if (count === 0) this.#lose(error ?? new Error('end of file'));
    if (count) this.#unread.push(this.#scratch.slice(0, count));
    this.#listen();
  };

  readonly #wake = (): void => {
    this.#wakeWriter?.();
  };

  /** Calls the descriptor unless it is lost; undefined when it is not ready, or is lost by the call. */
  #attempt(call: () => number): number | undefined {
    if (this.#unread.lost) return undefined;
    try {
      return call();
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
      if (error.code !== 'EAGAIN' && error.code !== 'EINTR') this.#lose(error);
      return undefined;
    }
  }

  /** Asks for the next event; the poller forgets what it was asked before. */
  #listen(): void {
    if (!this.#unread.lost) this.#port.poller.poll(this.#wakeWriter ? READABLE | WRITABLE : READABLE);
  }

  async #drain(signal: AbortSignal): Promise<void> {
    const drained = this.#port.drain();
    await wait(signal, (wake) => {
      drained.then(wake, wake);
    });
    signal.throwIfAborted();
    await drained.catch((error: unknown) => {
      throw this.#lose(error);
    });
  }

  /** @returns why the link is lost, which may have happened before */
  #lose(cause: unknown): LinkError {
    return this.#end(new LinkError(`lost ${this.#path}: its adapter was unplugged or failed`, { cause }));
  }

  #end(reason: LinkError): LinkError {
    const first = this.#unread.end(reason);
    this.#wake();
    return first;
  }
}
