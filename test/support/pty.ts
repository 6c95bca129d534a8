import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Two serial ports with a cable between them: what is written to one arrives at the other. Dispose of it when the test has ended. */
export interface PtyPair extends AsyncDisposable {
  /** Path of the port that the program under test opens. */
  readonly near: string;
  /** Path of the port that the simulated meter opens. */
  readonly far: string;
  /** Pulls both plugs: the device nodes vanish and whoever has them open loses them. */
  unplug(): Promise<void>;
  /** Plugs in again, under the same paths. */
  replug(): Promise<void>;
}

/** Lays a cable between two new pseudo-terminals, by socat. They do not honour baud rate, parity or character size. */
export async function ptyPair(): Promise<PtyPair> {
  const folder = await mkdtemp(join(tmpdir(), 'pty-'));
  const near = join(folder, 'near');
  const far = join(folder, 'far');
  let socat = await startSocat(near, far);
  const unplug = (): Promise<void> => end(socat);
  return {
    near,
    far,
    unplug,
    replug: async () => {
      socat = await startSocat(near, far);
    },
    [Symbol.asyncDispose]: async () => {
      await unplug();
      await rm(folder, { recursive: true });
    },
  };
}

/** Resolves when both ports can be opened: socat then says that it starts its transfer loop. */
async function startSocat(near: string, far: string): Promise<ChildProcess> {
  const socat = spawn('socat', ['-d', '-d', `pty,raw,echo=0,link=${near}`, `pty,raw,echo=0,link=${far}`], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await once(socat, 'spawn');
  const said: string[] = [];
  for await (const line of createInterface({ input: socat.stderr })) {
    said.push(line);
    if (!line.includes('starting data transfer loop')) continue;
    socat.stderr.resume();
    return socat;
  }
  throw new Error(`socat ended:\n${said.join('\n')}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill();
  await exited;
}
