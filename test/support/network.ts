import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { skipWithout } from './tool.js';

const UNSHARE = ['--user', '--map-root-user', '--net'] as const;

/** The `skip` of a test that needs a network of its own: false where the host lets us have one. */
export function skipWithoutNetwork(): string | false {
  const missing = skipWithout('unshare', 'nsenter', 'ip');
  if (missing) return missing;
  return spawnSync('unshare', [...UNSHARE, 'true']).status !== 0 && 'this host does not allow network namespaces';
}

/** A network of its own, with nothing but a loopback. `await using` ends it. */
export interface Network extends AsyncDisposable {
  /** A command that starts what follows in this network, as the same process. */
  readonly under: readonly [string, ...string[]];
  /** From now on every packet is lost, without a word to who sent it. */
  down(): void;
  up(): void;
}

/** Makes a network, by a process that does nothing but hold it. */
export async function startNetwork(): Promise<Network> {
  // It says a word when it is inside.
  const holder = spawn('unshare', [...UNSHARE, 'sh', '-c', 'echo inside; exec sleep infinity'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(holder.stdout, 'data');
  const under = ['nsenter', `--target=${holder.pid}`, '--user', '--preserve-credentials', '--net'] as const;
  const [nsenter, ...enter] = under;
  const set = (state: 'up' | 'down'): void => {
    execFileSync(nsenter, [...enter, 'ip', 'link', 'set', 'lo', state]);
  };
  set('up');
  return {
    under,
    down: () => {
      set('down');
    },
    up: () => {
      set('up');
    },
    [Symbol.asyncDispose]: async () => {
      const exit = once(holder, 'exit');
      holder.kill();
      await exit;
    },
  };
}
