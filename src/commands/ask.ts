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
 * Asks a person for secrets, which the terminal does not show.
 * @returns the answers, in the order of the questions
 * @throws Failure nobody can be asked, or nobody wants to answer
 */
export async function askSecrets(
  questions: readonly [string, ...string[]],
  { stdin, stderr }: Pick<CommandContext, 'stdin' | 'stderr'>,
): Promise<readonly string[]> {
  const terminal: Terminal | undefined = stdin?.();
  if (terminal?.isTTY !== true || !terminal.setRawMode)
    throw new Failure(EXIT.usage, `${questions[0]} is not set, and there is no terminal to ask at`);
  // Before the first question: an answer that is pasted at once must not be shown either.
  terminal.setRawMode(true);
  terminal.resume();
  try {
    return await readLines(terminal, questions, stderr);
  } finally {
    terminal.setRawMode(false);
    terminal.pause();
    stderr('\n');
  }
}

function readLines(terminal: Terminal, questions: readonly string[], say: (text: string) => void): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const answers: string[] = [];
    let typed = '';
    const settle = (then: () => void): void => {
      terminal.off('data', onData);
      then();
    };
    const ask = (): void => {
      say(`${answers.length > 0 ? '\n' : ''}${questions[answers.length] ?? ''} (not shown): `);
    };
    const onData = (bytes: Buffer): void => {
      // A line that is pasted may end with both.
      for (const character of bytes.toString('latin1').replaceAll('\r\n', '\n')) {
        if (character === INTERRUPT || character === END) {
          settle(() => {
            reject(new Failure(EXIT.usage, 'not answered'));
          });
          return;
        }
        if (!ENTER.test(character)) {
          typed = ERASE.test(character) ? typed.slice(0, -1) : typed + character;
          continue;
        }
        answers.push(typed);
        typed = '';
        if (answers.length === questions.length) {
          settle(() => {
            resolve(answers);
          });
          return;
        }
        ask();
      }
    };
    terminal.on('data', onData);
    ask();
  });
}
