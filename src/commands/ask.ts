import { EXIT, Failure, type CommandContext } from './command.js';

/** What of a terminal is needed to ask for a secret. */
export interface Terminal {
  readonly isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
  on(event: 'data', listener: (bytes: Buffer) => void): unknown;
  off(event: 'data', listener: (bytes: Buffer) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

const ENTER = /[\r\n]/;
const INTERRUPT = '\x03';
const END = '\x04';
const ERASE = /[\x7f\b]/;

/**
 * Asks a person for a secret, which the terminal does not show.
 * @throws Failure nobody can be asked, or nobody wants to answer
 */
export async function askSecret(question: string, { stdin, stderr }: Pick<CommandContext, 'stdin' | 'stderr'>): Promise<string> {
  const terminal: Terminal | undefined = stdin?.();
  if (terminal?.isTTY !== true || !terminal.setRawMode)
    throw new Failure(EXIT.usage, `${question} is not set, and there is no terminal to ask at`);
  stderr(`${question} (not shown): `);
  terminal.setRawMode(true);
  terminal.resume();
  try {
    return await readLine(terminal);
  } finally {
    terminal.setRawMode(false);
    terminal.pause();
    stderr('\n');
  }
}

function readLine(terminal: Terminal): Promise<string> {
  return new Promise((resolve, reject) => {
    let typed = '';
    const settle = (): void => {
      terminal.off('data', onData);
    };
    const onData = (bytes: Buffer): void => {
      for (const character of bytes.toString('latin1')) {
        if (ENTER.test(character)) {
          settle();
          resolve(typed);
          return;
        }
        if (character === INTERRUPT || character === END) {
          settle();
          reject(new Failure(EXIT.usage, 'not answered'));
          return;
        }
        typed = ERASE.test(character) ? typed.slice(0, -1) : typed + character;
      }
    };
    terminal.on('data', onData);
  });
}
