import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { skipWithout, toolPath } from './tool.js';

/** The `skip` of a test that listens like systemd: Node has no datagram sockets of the Unix kind. */
export const skipWithoutNotify = skipWithout('python3', 'systemd-notify');

const PATIENCE_MS = 60_000;

/** Receives datagrams for ever and prints each as hexadecimal. File descriptors that come along are closed, which is how systemd says that it has understood. */
const LISTEN = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print('', flush=True)
while True:
    print(s.recv(65536).hex(), flush=True)
`;

/** What a program tells systemd, by a socket such as systemd's own. `await using` closes it. */
export interface NotifySocket extends AsyncDisposable {
  /** What the program finds in `$NOTIFY_SOCKET`. */
  readonly path: string;
  /** Every assignment so far, such as `READY=1`, oldest first. */
  readonly told: readonly string[];
  /** Resolves when an assignment matches that was told after the first `from`. @throws when none comes in a generous time */
  tells(pattern: RegExp, from?: number): Promise<void>;
}

/** Listens as systemd does. */
export async function notifySocket(): Promise<NotifySocket> {
  const folder = await mkdtemp(join(tmpdir(), 'notify-'));
  const path = join(folder, 'socket');
  const listener = spawn(toolPath('python3') ?? 'python3', ['-u', '-c', LISTEN, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: listener.stdout });
  await once(lines, 'line');
  const told: string[] = [];
  const waiting = new Set<() => void>();
  lines.on('line', (hex) => {
    told.push(...Buffer.from(hex, 'hex').toString().split('\n'));
    for (const check of waiting) check();
  });
  return {
    path,
    told,
    tells: (pattern, from = 0) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(check);
          reject(new Error(`not told: ${pattern}; but:\n${told.join('\n')}`));
        }, PATIENCE_MS);
        const check = (): void => {
          if (!told.slice(from).some((assignment) => pattern.test(assignment))) return;
          clearTimeout(timer);
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    [Symbol.asyncDispose]: async () => {
      const exit = once(listener, 'exit');
      listener.kill();
      await exit;
      await rm(folder, { recursive: true });
    },
  };
}
