import { readFileSync, readlinkSync } from 'node:fs';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LinkError } from '../model/errors.js';
import { isSystemError } from '../pipeline/system-error.js';

/** What a claim is given back by. */
export interface Claim {
  release(): Promise<void>;
}

/** What this program owns: it is a single process, with several sinks. */
const owned = new Set<string>();

/**
 * Makes this process the only owner of something by a file that names it; what a process that is gone has left does not count. Where a host has
 * no `/proc`, only this process is kept apart from itself.
 * @param path of the file that says whose it is
 * @param what is owned, in words
 * @returns the claim, and whether the owner before has ended without giving it back
 * @throws LinkError when it is another one's who lives, or the file cannot be written
 */
export async function claim(path: string, what: string): Promise<Claim & { readonly orphaned: boolean }> {
  if (owned.has(path)) throw new LinkError(`${what} is in use by another sink of this program`);
  owned.add(path);
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const former = await readFile(path, 'utf8').catch(() => undefined);
    if (former !== undefined) {
      const [pid = '', startedAt] = former.trim().split(' ');
      const isOurs = pid === ownPid();
      if (!isOurs && startedAt !== undefined && startOf(pid) === startedAt)
        throw new LinkError(`${what} is in use by process ${pid}; ${path} says so`, { retryAfterMs: 10_000 });
      await rm(path, { force: true });
    }
    await note(path);
    return { orphaned: former !== undefined, release };
  } catch (error) {
    owned.delete(path);
    if (!isSystemError(error)) throw error;
    throw new LinkError(`${what} cannot be claimed: ${error.message}`, { cause: error });
  }

  async function release(): Promise<void> {
    owned.delete(path);
    await rm(path, { force: true });
  }
}

async function note(path: string): Promise<void> {
  const pid = ownPid();
  // Fails when another one was faster.
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(`${pid} ${startOf(pid) ?? ''}\n`);
  } finally {
    await file.close();
  }
}

function ownPid(): string {
  try {
    return readlinkSync('/proc/self');
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return '';
  }
}

/** When a process was started, which tells it from a later one with its number; undefined when there is none. proc(5), `/proc/pid/stat`, field 22. */
function startOf(pid: string): string | undefined {
  if (!/^\d+$/.test(pid)) return undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return undefined;
  }
}
