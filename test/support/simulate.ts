import { startProgram, type Program } from './program.js';

/** A meter that the real program simulates. `await using` ends it. */
export interface SimulatedMeter extends AsyncDisposable {
  readonly program: Program;
  /** Path of its serial port, or `host:port`. */
  readonly at: string;
}

/** Starts `simulate` with a command line; without `--port` its serial port is in the program's own folder. */
export async function simulate(...args: readonly string[]): Promise<SimulatedMeter> {
  const program = await startProgram({ args: ['simulate', ...args] });
  await program.shows(/simulated at \S+\. /);
  const [, at = ''] = /simulated at (\S+)\. /.exec(program.stdout()) ?? [];
  return {
    program,
    at,
    [Symbol.asyncDispose]: async () => {
      // Not killed: socat would be left behind.
      await program.end('SIGTERM');
      await program[Symbol.asyncDispose]();
    },
  };
}
