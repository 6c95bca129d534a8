import { wait } from '../transports/wait.js';
import type { CommandContext } from './command.js';

/** Asks a person at the terminal. @returns whether the answer is yes; no where nobody can answer, or it is time to stop */
export async function confirm(question: string, { stdin, screen, stdout, stop }: CommandContext): Promise<boolean> {
  const terminal = stdin?.();
  if (terminal?.isTTY !== true || screen?.() === undefined) return false;
  stdout(`${question} [y/N] `);
  let answer = '';
  let listener: ((bytes: Buffer) => void) | undefined;
  // The terminal hands over whole lines.
  await wait(stop, (wake) => {
    listener = (bytes) => {
      answer = bytes.toString();
      wake();
    };
    terminal.once('data', listener).resume();
  });
  if (listener) terminal.off('data', listener);
  terminal.pause();
  return /^y(es)?\s*$/i.test(answer);
}
