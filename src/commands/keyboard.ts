import type { CommandContext } from './command.js';

/** In raw mode Ctrl-C is a character. */
const INTERRUPT = '\x03';

/**
 * Hands on single keys that are pressed at the terminal, where there is one, without Enter and without showing them. Ctrl-C counts as `q`. Dispose of it to have
 * the terminal as it was.
 */
export function onKeys({ stdin }: Pick<CommandContext, 'stdin'>, pressed: (key: string) => void): Disposable {
  const terminal = stdin?.();
  if (terminal?.isTTY !== true) return { [Symbol.dispose]: () => undefined };
  const onData = (bytes: Buffer): void => {
    for (const key of bytes.toString('latin1')) pressed(key === INTERRUPT ? 'q' : key);
  };
  terminal.setRawMode(true);
  terminal.on('data', onData);
  terminal.resume();
  return {
    [Symbol.dispose]: () => {
      terminal.off('data', onData);
      terminal.setRawMode(false);
      terminal.pause();
    },
  };
}
