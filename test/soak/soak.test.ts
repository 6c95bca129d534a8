import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freshSeed } from '../fuzz/random.js';
import { skipWithoutBroker } from '../support/broker.js';
import { printResult } from './report.js';
import { soak } from './soak.js';

/** What `npm run soak` does for an hour, for half a minute. */
test(
  'three meters, a broker and cables that fail at random: every value was sent, none is out of order, the books balance',
  { skip: skipWithoutBroker },
  async (t) => {
    const seed = freshSeed();
    t.diagnostic(`seed ${seed}`);
    const result = await soak({ minutes: 0.3, seed, longestCalmMs: 1_000, longestFreezeMs: 3_000 });
    for (const line of printResult(result).split('\n')) t.diagnostic(line);
    assert.deepEqual(result.problems, []);
  },
);
