import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** What a command has shown at a terminal, how it ended, and how many of the answers were given. */
export interface Shown {
  readonly shown: string;
  readonly code: number;
  readonly answered: number;
}

/**
 * Runs a command of the shell at a terminal of its own, by `script`, and answers it.
 * @param answers what is typed, each when all that was shown so far matches its pattern and those before it were given
 */
export async function atTerminal(
  command: string,
  answers: readonly (readonly [pattern: RegExp, typed: string])[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Shown> {
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    ...options,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let shown = '';
  let answered = 0;
  child.stdout.on('data', (bytes: Buffer) => {
    shown += bytes.toString();
    const [pattern, typed] = answers[answered] ?? [];
    if (!pattern || typed === undefined || !pattern.test(shown)) return;
    answered++;
    child.stdin.write(typed);
  });
  const [code] = (await once(child, 'close')) as [number];
  return { shown, code, answered };
}
