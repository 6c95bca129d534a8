import type { Server } from 'node:net';
import { LinkError } from '../model/errors.js';
import { printAddress, type TcpAddress } from './tcp.js';
import { wait } from './wait.js';

/** What the codes of Node's network errors mean here. */
const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there. Choose another port, or find it by `ss -ltnp`',
  EACCES: 'this port may only be used by the system. Choose one above 1023',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'no host of this name is known',
};

/**
 * Has a server listen.
 * @param onError called from then on with the error of one connection, such as no descriptor left for it
 * @throws LinkError nothing can listen there, with what to do about it; the signal's reason when that aborts. Either way the server is still to be closed.
 */
export async function listen(
  server: Server,
  address: TcpAddress,
  onError: (error: Error) => void,
  signal: AbortSignal,
): Promise<void> {
  let failure: Error | undefined;
  const onFailure = (error: Error): void => {
    failure = error;
  };
  server.on('error', onFailure);
  await wait(signal, (wake) => {
    server.once('error', wake).listen(address, wake);
  });
  signal.throwIfAborted();
  if (failure) {
    const code = 'code' in failure ? String(failure.code) : '';
    throw new LinkError(`cannot listen on ${printAddress(address)}: ${REASONS[code] ?? String(failure)}`, { cause: failure });
  }
  server.off('error', onFailure).on('error', onError);
}

/** Closes a server whose connections have ended, or are about to. Never throws. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}
