import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { judge, type Known } from '../../src/pipeline/plausibility.js';

const PERIOD_MS = 10_000;
const MAX_PER_HOUR = 69_000;
/** What flows in one period at the limit, in whole Wh. */
const MAX_STEP = Math.floor((MAX_PER_HOUR * PERIOD_MS) / 3_600_000);

/** What goes out of a series that is received at a fixed period. */
function published(values: readonly number[]): number[] {
  let known: Known | undefined;
  return values.filter((value, index) => {
    const judgement = judge(known, value, index * PERIOD_MS, MAX_PER_HOUR);
    known = judgement.known;
    return judgement.verdict !== 'held back';
  });
}

const steps = fc.array(fc.integer({ min: 0, max: MAX_STEP }), { minLength: 1, maxLength: 60 });
const history = fc
  .tuple(fc.integer({ min: 1, max: 1e9 }), steps)
  .map(([first, growth]) => growth.reduce((values, step) => [...values, (values.at(-1) ?? 0) + step], [first]));

test('no value of a meter that counts within its fuse is ever held back', () => {
  fc.assert(
    fc.property(history, (values) => {
      assert.deepEqual(published(values), values);
    }),
  );
});

test('a single wrong value never makes what goes out fall, and costs no right value after it', () => {
  fc.assert(
    fc.property(history, fc.nat(), fc.integer({ min: 0, max: 4e9 }), (values, where, wrong) => {
      const at = 1 + (where % values.length);
      const spoilt = [...values.slice(0, at), wrong, ...values.slice(at)];
      const out = published(spoilt);
      const isCaught = !out.includes(wrong) || values.includes(wrong);
      if (isCaught)
        assert.deepEqual(
          out,
          out.toSorted((one, other) => one - other),
        );
      // Undetected is only what could as well have flowed: as much as the fuse carries in two periods and a minute.
      else assert.ok(Math.abs(wrong - (spoilt[at - 1] ?? 0)) <= (MAX_PER_HOUR * (60_000 + 3_600_000)) / 3_600_000);
    }),
  );
});

test('two wrong values in a row never go out unless each could have flowed', () => {
  fc.assert(
    fc.property(history, fc.integer({ min: 1e10, max: 2e10 }), fc.integer({ min: 1e10, max: 2e10 }), (values, one, other) => {
      const out = published([...values, one, other, values.at(-1) ?? 0]);
      assert.equal(Math.max(...out), values.at(-1));
    }),
  );
});

test('whatever a meter says, a total that keeps counting from somewhere goes out from its third reading on', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1e9 }), { maxLength: 20 }), history, (noise, values) => {
      fc.pre(values.length >= 4);
      const out = published([...noise, ...values]);
      const last = values.at(-1) ?? 0;
      // Unless it is another rounding of what was last accepted, which it then has to outgrow.
      assert.ok(out.at(-1) === last || out.at(-1) === last + 1);
    }),
  );
});
