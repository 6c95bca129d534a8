import { readFileSync, readlinkSync } from 'node:fs';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LinkError } from '../model/errors.js';
import { isSystemError } from './system-error.js';

/** What a claim is given back by. */
export interface Claim {
  release(): Promise<void>;
}

/** States of a process that has ended. */
const ENDED = ['Z', 'X'];

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
      const [pid = ''] = former.split(' ');
      if (pid !== ownPid() && describe(pid) === former.trim())
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
  // Fails when another one was faster.
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(`${describe(ownPid()) ?? ''}\n`);
  } finally {
    await file.close();
  }
}

function ownPid(): string {
  return ifThere(() => readlinkSync('/proc/self')) ?? '';
}

/**
 * A process that lives: its number, when it was started, and since which start of the host, which tell it from a later one with its number. Undefined when
 * there is none, or only what its parent has not yet taken note of. proc(5), `/proc/pid/stat`, fields 3 and 22.
 */
function describe(pid: string): string | undefined {
  if (!/^\d+$/.test(pid)) return undefined;
  return ifThere(() => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state = '', ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (ENDED.includes(state)) return undefined;
    return `${pid} ${fields[18]} ${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()}`;
  });
}

function ifThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return undefined;
  }
}
