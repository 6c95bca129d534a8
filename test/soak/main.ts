import { parseArgs } from 'node:util';
import { freshSeed } from '../fuzz/random.js';
import { growthProblems, printResult } from './report.js';
import { soak } from './soak.js';

const { values } = parseArgs({ options: { minutes: { type: 'string' }, seed: { type: 'string' } } });
const minutes = Number(values.minutes ?? 60);
const seed = Number(values.seed ?? freshSeed());
console.log(`${minutes} minutes from seed ${seed}`);
// A broker that is frozen for longer than the keepalive of 15 s is one that is lost.
const result = await soak({ minutes, seed, longestCalmMs: 10_000, longestFreezeMs: 30_000 });
const problems = [...result.problems, ...growthProblems(result.samples)];
console.log(printResult(result));
for (const problem of problems) console.log(`PROBLEM: ${problem}`);
console.log(problems.length === 0 ? `all is well; seed ${seed}` : `${problems.length} problems; seed ${seed}`);
process.exitCode = problems.length === 0 ? 0 : 1;
