import { readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { LinkError } from '../../src/model/errors.js';
import type { Link } from '../../src/transports/link.js';
import { openLink } from '../../src/transports/open-link.js';
import { ptyPair, type PtyPair } from '../support/pty.js';
import { startTcpServer } from '../support/tcp-server.js';

/** What a meter is connected to the program with. */
export interface Line extends AsyncDisposable {
  /** What the settings of the program say of it: the path of a port, or a TCP port. */
  readonly path: string | number;
  /** Whether a process has its end open. */
  isOpenIn(pid: number): boolean;
  /** Puts bytes on the line. Where it is cut, they are gone. */
  send(bytes: Uint8Array): Promise<void>;
  /** Pulls the plug. */
  cut(): Promise<void>;
  /** Plugs in again. */
  mend(): Promise<void>;
}

/** A cable between two pseudo-terminals. `serve` is called with its far end whenever it is plugged in; what it does ends with the link. */
export async function cable(baudRate: number, serve: (link: Link) => Promise<void> = () => Promise.resolve()): Promise<Line> {
  const never = new AbortController().signal;
  const pty: PtyPair = await ptyPair();
  let link: Link | undefined;
  let serving = Promise.resolve();
  const mend = async (): Promise<void> => {
    link = await openLink(
      { type: 'serial', path: pty.far, baud_rate: baudRate, data_bits: 8, parity: 'none', stop_bits: 1 },
      never,
    );
    serving = serve(link).catch(unlessLost);
  };
  const cut = async (): Promise<void> => {
    const before = link;
    link = undefined;
    await pty.unplug();
    await before?.close();
    await serving;
  };
  await mend();
  return {
    path: pty.near,
    isOpenIn: (pid) => {
      const device = realpathSync(pty.near);
      return descriptorsOf(pid).includes(device);
    },
    send: async (bytes) => {
      await link?.write(bytes, never).catch(unlessLost);
    },
    cut,
    mend: async () => {
      await pty.replug();
      await mend();
    },
    [Symbol.asyncDispose]: async () => {
      await cut();
      await pty[Symbol.asyncDispose]();
    },
  };
}

/** A server that passes on the bytes of a line, such as ser2net. */
export async function bridge(): Promise<Line> {
  const server = await startTcpServer();
  return {
    path: server.port,
    isOpenIn: () => server.sockets.size > 0,
    send: async (bytes) => {
      for (const socket of server.sockets) if (socket.writable) socket.write(bytes);
    },
    cut: () => server.stop(),
    mend: () => server.start(),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** What the descriptors of a process stand for. proc(5), "fd". */
function descriptorsOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((descriptor) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${descriptor}`)];
    } catch {
      // Closed since it was listed.
      return [];
    }
  });
}

function unlessLost(error: unknown): void {
  if (!(error instanceof LinkError)) throw error;
}
