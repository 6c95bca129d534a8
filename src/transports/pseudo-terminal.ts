import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { lstat, stat, unlink } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import type { Readable, Writable } from 'node:stream';
import { LinkError } from '../model/errors.js';
import { streamLink, type FarEnd } from './far-end.js';
import type { Link } from './link.js';
import { wait } from './wait.js';

type Socat = ChildProcessByStdio<Writable, Readable, Readable>;

/** How often socat looks whether somebody has opened the port, in seconds. */
const LOOK_SECONDS = 0.02;
/** How often its path is looked for. */
const LOOKS = 100;

/** Said by socat when the port can be opened, and when somebody has opened it. */
const IS_THERE = / PTY is /;
const IS_OPEN = /starting data transfer loop/;

/**
 * Makes a serial port out of nothing: a pseudo-terminal under that path, which any program can open as if a meter were plugged into it. Node cannot make one; socat does.
 * Baud rate, parity and character size mean nothing on it.
 * @throws LinkError socat is not installed, or something stands at the path
 */
export async function openPseudoTerminal(path: string, signal: AbortSignal): Promise<FarEnd> {
  await makeRoom(path);
  const terminal = new PseudoTerminal(path);
  await terminal.plugIn(signal);
  return terminal;
}

/** Removes what a program that was killed has left. */
async function makeRoom(path: string): Promise<void> {
  const leftover = await lstat(path).catch(() => undefined);
  if (!leftover) return;
  const leadsNowhere = leftover.isSymbolicLink() && !(await stat(path).catch(() => undefined));
  if (!leadsNowhere) throw new LinkError(`cannot make a serial port at ${path}: something is there already`);
  await unlink(path);
}

class PseudoTerminal implements FarEnd {
  readonly name: string;
  #socat: { readonly child: Socat; readonly opened: Promise<void>; readonly ended: Promise<unknown> } | undefined;

  constructor(path: string) {
    this.name = path;
  }

  /** Makes the port, until a reader has come and gone. @throws LinkError it cannot be made */
  async plugIn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const port = `pty,raw,echo=0,wait-slave,pty-interval=${LOOK_SECONDS},link=${this.name}`;
    const socat = spawn('socat', ['-d', '-d', '-t', '0', port, 'STDIO'], { stdio: ['pipe', 'pipe', 'pipe'] });
    const started = once(socat, 'spawn');
    socat.stdin.on('error', () => undefined);
    try {
      await started;
    } catch (error) {
      throw whyNot(error);
    }
    let hasEnded = false;
    const ended = once(socat, 'close').then(() => {
      hasEnded = true;
    });
    let isOpen = (): void => undefined;
    const opened = new Promise<void>((resolve) => (isOpen = resolve));
    this.#socat = { child: socat, opened, ended };
    let last = 'socat ended';
    const made = new Promise<void>((resolve) => {
      createInterface({ input: socat.stderr }).on('line', (line) => {
        last = line;
        if (IS_OPEN.test(line)) isOpen();
        if (IS_THERE.test(line)) resolve();
      });
    });
    await wait(signal, (wake) => {
      void Promise.race([made, ended]).then(wake);
    });
    // The path appears right behind that line.
    for (let tries = 0; !hasEnded && tries < LOOKS && !(await exists(this.name)); tries++) await setTimeout(LOOK_SECONDS * 1_000);
    signal.throwIfAborted();
    if (hasEnded || !(await exists(this.name))) throw new LinkError(`cannot make a serial port at ${this.name}: ${last}`);
  }

  async accept(signal: AbortSignal): Promise<Link> {
    if (!this.#socat) await this.plugIn(signal);
    const socat = this.#socat;
    if (!socat) throw new LinkError(`${this.name} is gone`);
    let isOpen = false;
    await wait(signal, (wake) => {
      void socat.opened.then(() => (isOpen = true)).then(wake);
      void socat.ended.then(wake);
    });
    signal.throwIfAborted();
    if (!isOpen) throw new LinkError(`${this.name} is gone: socat ended`);
    const { stdin: output, stdout: input } = socat.child;
    return streamLink({ input, output, lost: `nobody has ${this.name} open any more`, close: () => this.unplug() });
  }

  close(): Promise<void> {
    return this.unplug();
  }

  async unplug(): Promise<void> {
    const socat = this.#socat;
    this.#socat = undefined;
    if (!socat) return;
    socat.child.kill();
    await socat.ended;
  }
}

function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

function whyNot(error: unknown): LinkError {
  const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
  const reason = isMissing ? 'socat, which makes pseudo-terminals, is not installed (apt-get install socat)' : String(error);
  return new LinkError(`cannot make a serial port: ${reason}`, { cause: error });
}
