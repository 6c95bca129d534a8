import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './source.js';

/** The program that is tested; another build by naming its main file in the variable. */
export const MAIN = process.env.METER_PROGRAM ?? join(ROOT, 'dist', 'src', 'main.js');
/** Longer than the program waits for anybody else. */
const PATIENCE_MS = 60_000;

/** The program ends five seconds after it is told to, at the latest; a busy machine may add to that. What hangs would hang for ever. */
export const IN_TIME_MS = 8_000;

/** How the program is started: its command line, and the files of its settings folder by name. */
export interface ProgramOptions {
  readonly args: readonly string[];
  readonly settings?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Another main file than `MAIN`. */
  readonly main?: string;
  /** Node's own options. */
  readonly node?: readonly string[];
  /** A command that starts the program in its stead, such as `strace -D -f`; `pid` is that command's, unless it becomes the program. */
  readonly under?: (folder: string) => readonly [string, ...string[]];
}

/** How the program ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly afterMs: number;
}

/** The real program as a process of its own, with a settings folder and a state folder of its own. `await using` kills it and removes them. */
export interface Program extends AsyncDisposable {
  readonly pid: number;
  /** The folder it was started in; its settings are in `settings` there, its state in `state`. */
  readonly folder: string;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves when standard error matches, also when it did before. @throws when the program ends first, or in time does not */
  says(pattern: RegExp): Promise<void>;
  /** The same of standard output. */
  shows(pattern: RegExp): Promise<void>;
  /** Sends a signal and resolves when the program has ended. */
  end(signal: NodeJS.Signals): Promise<Exit>;
  signal(signal: NodeJS.Signals): void;
  /** Resolves when the program has ended by itself. */
  readonly exit: Promise<Exit>;
  /** Starts it again in the same folder, after it has ended; with another command line where one is given. */
  again(args?: readonly string[]): Promise<Program>;
}

/** Starts the program. */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  const folder = await mkdtemp(join(tmpdir(), 'program-'));
  const settings = join(folder, 'settings');
  await mkdir(settings);
  for (const [name, text] of Object.entries(options.settings ?? {})) await writeFile(join(settings, name), text, { mode: 0o600 });
  return launch(options, folder);
}

function launch(options: ProgramOptions, folder: string): Program {
  const { PATH = '', HOME = '' } = process.env;
  const command = [process.execPath, ...(options.node ?? []), options.main ?? MAIN, ...options.args] as const;
  const [file, ...args] = options.under ? ([...options.under(folder), ...command] as const) : command;
  const child = spawn(file, args, {
    cwd: folder,
    env: { PATH, HOME, STATE_DIRECTORY: join(folder, 'state'), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      output[stream] += text;
      for (const listener of listeners) listener();
    });
  }
  let toldAt = performance.now();
  // `close` comes after the streams have ended, so that nothing said is missed.
  const exit = once(child, 'close').then(([code, signal]) => {
    for (const listener of listeners) listener();
    return { code: code as number | null, signal: signal as NodeJS.Signals | null, afterMs: performance.now() - toldAt };
  });
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const until = (stream: 'stdout' | 'stderr', pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        if (pattern.test(output[stream])) settle(resolve);
        else if (hasEnded())
          settle(() => {
            reject(new Error(`ended before it said ${pattern}:\n${output[stream]}`));
          });
      };
      const timer = setTimeout(() => {
        settle(() => {
          reject(new Error(`did not say ${pattern}:\n${output[stream]}`));
        });
      }, PATIENCE_MS);
      const settle = (then: () => void): void => {
        clearTimeout(timer);
        listeners.delete(check);
        then();
      };
      listeners.add(check);
      check();
    });
  const program: Program = {
    pid: child.pid ?? -1,
    folder,
    exit,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    signal: (signal) => {
      child.kill(signal);
    },
    end: async (signal) => {
      toldAt = performance.now();
      child.kill(signal);
      return exit;
    },
    says: (pattern) => until('stderr', pattern),
    shows: (pattern) => until('stdout', pattern),
    again: (args = options.args) => Promise.resolve(launch({ ...options, args }, folder)),
    [Symbol.asyncDispose]: async () => {
      if (!hasEnded()) child.kill('SIGKILL');
      await exit;
      await rm(folder, { recursive: true, force: true });
    },
  };
  return program;
}

/** What a command wrote, and how it ended. */
export interface Done {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs another command in the folder of a program that has ended, or beside it. */
export async function follow(program: Program, ...args: readonly string[]): Promise<Done> {
  const next = await program.again(args);
  const { code } = await next.exit;
  return { code, out: next.stdout(), err: next.stderr() };
}
