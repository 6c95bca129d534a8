import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomOf } from '../fuzz/random.js';

const HOST = join(import.meta.dirname, '..', 'support', 'spool-host.js');
const STORES = ['steady', 'shaky'] as const;
const LONGEST_LIFE_MS = 150;

/** What a store has, line by line: meter, measured time, sequence, number. */
type Line = readonly [meter: string, at: number, sequence: number, n: number];

/** What a campaign has shown. */
export interface KillReport {
  readonly kills: number;
  readonly said: number;
  /** How many lines the stores hold more than once. */
  readonly repeated: number;
}

/**
 * Kills a process that spools readings of two meters for two stores, again and again at random moments, then lets it come to an end, and holds what the
 * stores have against what the meters said: everything, in order per meter, the same under the same key.
 * @throws AssertionError when something is missing, out of order or not the same
 */
export async function killAgainAndAgain(kills: number, seed: number): Promise<KillReport> {
  const folder = mkdtempSync(join(tmpdir(), 'kill-'));
  try {
    const random = randomOf(seed);
    for (let kill = 0; kill < kills; kill++) await live(folder, random.below(2 ** 31), random.below(LONGEST_LIFE_MS));
    const said = readFileSync(join(folder, 'said'), 'latin1').split('\n').length - 1;
    const { code, errors } = await finish(folder, said + 20);
    assert.equal(code, 0, errors);
    const repeated = STORES.map((name) => check(linesOf(join(folder, name)), said + 20));
    return { kills, said: said + 20, repeated: repeated.reduce((sum, each) => sum + each, 0) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Starts the process, and kills it so long after it was ready. */
async function live(folder: string, seed: number, ms: number): Promise<void> {
  const child = spawn(process.execPath, [HOST, folder, String(seed)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  await Promise.race([once(child.stdout, 'data'), exit]);
  await sleep(ms);
  child.kill('SIGKILL');
  const [, signal] = (await exit) as [number | null, string | null];
  assert.equal(signal, 'SIGKILL', 'the process ended by itself');
}

/** Starts the process once more, with stores that stay, until the meters have said so much and the stores have it. */
async function finish(folder: string, until: number): Promise<{ readonly code: number | null; readonly errors: string }> {
  const child = spawn(process.execPath, [HOST, folder, '0', String(until)], { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, errors };
}

/** @returns how many lines are there again */
function check(lines: readonly Line[], said: number): number {
  const values = new Map<string, number>();
  const numbers = new Map<string, number[]>();
  const sequences = new Map<number, string>();
  for (const [meter, at, sequence, n] of lines) {
    const key = `${meter} ${at}`;
    assert.equal(values.get(key) ?? n, n, `${key} is the same whenever it comes`);
    assert.equal(sequences.get(sequence) ?? key, key, `sequence ${sequence} is one reading's`);
    sequences.set(sequence, key);
    if (values.has(key)) continue;
    values.set(key, n);
    const ofMeter = numbers.get(meter) ?? [];
    numbers.set(meter, ofMeter);
    ofMeter.push(n);
  }
  const all = Array.from({ length: said }, (_, n) => n);
  assert.deepEqual([...numbers.values()], [all, all], 'everything is there, in order per meter');
  return lines.length - values.size;
}

function linesOf(path: string): Line[] {
  const lines = readFileSync(path, 'latin1').split('\n');
  // A store that is killed in the middle of a line has not confirmed it.
  return lines.flatMap((line) => {
    try {
      return [JSON.parse(line) as Line];
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return [];
    }
  });
}
