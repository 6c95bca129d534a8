import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzz } from '../fuzz/campaign.js';
import { KMP_TARGET } from '../fuzz/kmp-target.js';
import { P1_TARGETS } from '../fuzz/p1-target.js';
import { freshSeed, randomOf } from '../fuzz/random.js';
import { spoilSystematically } from '../fuzz/systematic.js';
import type { StreamTarget } from '../fuzz/target.js';

/** What `npm run fuzz` does for minutes, for some seconds. */
const INPUTS = 150_000;

test(`${INPUTS} mutated inputs: nothing crashes, no value is wrong, the next good frame is read`, (t) => {
  const seed = freshSeed();
  t.diagnostic(`seed ${seed}`);
  const tallies = [...fuzz({ seed, from: 0, to: INPUTS })];
  for (const [name, { inputs, collisions }] of tallies) t.diagnostic(`${name}: ${inputs} inputs, ${collisions} undetectable`);
  assert.equal(
    tallies.reduce((sum, [, { inputs }]) => sum + inputs, 0),
    INPUTS,
  );
  assert.equal(tallies.find(([name]) => name === 'P1, verified')?.[1].collisions, 0);
});

for (const target of P1_TARGETS) testEachWay(target);
testEachWay(KMP_TARGET);

function testEachWay<Original extends { readonly wire: Uint8Array }>(target: StreamTarget<Original>): void {
  const what = 'every bit flipped, every byte lost or doubled, every cut, every splice of two frames';
  test(`${target.name}: ${what}: what comes out was sent, and the frames around it are read`, (t) => {
    const random = randomOf(403);
    const make = (number: number): Original => target.make(random, number);
    const { inputs, collisions } = spoilSystematically(target, [make(1), make(2), make(3), make(4)]);
    t.diagnostic(`${inputs} streams, ${collisions} undetectable`);
    // Of two frames spliced anywhere, a check sum of 16 bits passes one in 65,536 by chance.
    assert.ok(collisions <= (target.checkSumOnly ? inputs / 2 ** 13 : 0), `${collisions} of ${inputs}`);
  });
}
