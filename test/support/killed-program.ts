import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { freshSeed, randomOf } from '../fuzz/random.js';
import { startProgram, type ProgramOptions } from './program.js';

/** The longest time for which a program goes on after what was waited for. */
const LONGEST_MS = 300;

/** How a program is killed, and what is waited for. Each is given the program's folder. */
export interface Killing {
  readonly program: ProgramOptions;
  readonly kills: number;
  /** Waits until a life of the program has done enough; they are counted from 0, and the last one is not killed. */
  readonly lived: (folder: string, life: number) => Promise<void>;
  /** Looks at what there is when the program has ended in order. */
  readonly ended: (folder: string) => Promise<void>;
}

/** Runs a program, kills it at random moments and starts it again in its folder, then ends it in order; the seed of the moments is printed. */
export async function killAtRandom(t: TestContext, { program: options, kills, lived, ended }: Killing): Promise<void> {
  const seed = freshSeed();
  t.diagnostic(`seed ${seed}`);
  const random = randomOf(seed);
  await using first = await startProgram(options);
  const { folder } = first;
  let program = first;
  try {
    for (let life = 0; life < kills; life++) {
      await lived(folder, life);
      await sleep(random.below(LONGEST_MS));
      await program.end('SIGKILL');
      program = await first.again();
    }
    await lived(folder, kills);
    // Signals are heeded from then on; what was waited for may have been there before.
    await program.says(/first reading received/);
    assert.equal((await program.end('SIGTERM')).code, 0);
    await ended(folder);
  } finally {
    await program[Symbol.asyncDispose]();
  }
}
