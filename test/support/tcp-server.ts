import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

/** A TCP server on a free port of this machine, as an adapter in the network or ser2net would be one. Dispose of it when the test has ended. */
export interface TcpServer extends AsyncDisposable {
  readonly port: number;
  /** The connections that are open, oldest first. */
  readonly sockets: ReadonlySet<Socket>;
  /** The next connection that is accepted; ask before it is made. */
  accepted(): Promise<Socket>;
  /** Stops to listen and resets every connection. */
  stop(): Promise<void>;
  /** Listens again, on the same port. */
  start(): Promise<void>;
}

/** Starts a server; `serve` is called with each connection. */
export async function startTcpServer(serve: (socket: Socket) => void = () => undefined): Promise<TcpServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    serve(socket);
  });
  const listen = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const stop = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    // Node 20 spins at its exit when a socket is reset that is being shut down.
    for (const socket of sockets) if (!socket.writableEnded) socket.resetAndDestroy();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return {
    port,
    sockets,
    accepted: async () => {
      const [socket] = (await once(server, 'connection')) as [Socket];
      return socket;
    },
    stop,
    start: () => listen(port),
    [Symbol.asyncDispose]: stop,
  };
}

/** A port of this machine that was free a moment ago. */
export async function freePort(): Promise<number> {
  await using server = await startTcpServer();
  return server.port;
}
