import { parseArgs } from 'node:util';
import { freshSeed } from '../fuzz/random.js';
import { killAgainAndAgain } from './kill.js';

const { values } = parseArgs({ options: { kills: { type: 'string' }, seed: { type: 'string' } } });
const kills = Number(values.kills ?? 1_000);
const seed = Number(values.seed ?? freshSeed());
console.log(`seed ${seed}: ${kills} kills`);
const { said, repeated } = await killAgainAndAgain(kills, seed);
console.log(
  `${said} readings of each meter, all of them in both stores in order; ${repeated} lines came again and replaced themselves`,
);
