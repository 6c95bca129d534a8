import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freshSeed } from '../fuzz/random.js';
import { killAgainAndAgain } from './kill.js';

/** What `npm run kill` does a thousand times. */
const KILLS = 25;

test(`killed ${KILLS} times at random moments, nothing is lost and nothing is out of order`, async (t) => {
  const seed = freshSeed();
  t.diagnostic(`seed ${seed}`);
  const { said, repeated } = await killAgainAndAgain(KILLS, seed);
  t.diagnostic(`${said} readings of each meter, ${repeated} lines repeated`);
  assert.ok(said > KILLS);
});
