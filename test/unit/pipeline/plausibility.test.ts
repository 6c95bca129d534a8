import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Property } from '../../../src/model/device.js';
import { judge, maxGrowthPerHour, type Known } from '../../../src/pipeline/plausibility.js';

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;

/** What three fuses of 100 A carry, in Wh per hour. */
const FUSES = 69_000;

/** Values with the moments of their receipt, at a period or each with its own: `+` goes out, `!` goes out confirmed, else why it is held back. */
function judgeAll(values: readonly number[], periodMs: number | readonly number[] = 10 * SECOND, maxPerHour = FUSES): string {
  let known: Known | undefined;
  const verdicts = values.map((value, index) => {
    const at = typeof periodMs === 'number' ? index * periodMs : (periodMs[index] ?? NaN);
    const judgement = judge(known, value, at, maxPerHour);
    known = judgement.known;
    if (judgement.verdict === 'held back') return judgement.doubt;
    return judgement.verdict === 'plausible' ? '+' : '!';
  });
  return verdicts.join(' ');
}

test('a total that grows or stands goes out, and so does the first one, whatever it is', () => {
  assert.equal(judgeAll([0, 0, 3, 3, 194]), '+ + + + +');
  assert.equal(judgeAll([4_204_204, 4_204_206]), '+ +');
});

test('one zero, one fall and one leap are held back, and the next right value goes out', () => {
  assert.equal(judgeAll([5_000, 0, 5_001]), '+ zero +');
  assert.equal(judgeAll([5_000, 4_000, 5_001]), '+ fall +');
  assert.equal(judgeAll([5_000, 900_000, 5_001]), '+ jump +');
});

test('two readings that agree are not enough, the third in a row confirms', () => {
  assert.equal(judgeAll([5_000, 0, 0, 5_001]), '+ zero zero +');
  assert.equal(judgeAll([5_000, 0, 0, 0, 1]), '+ zero zero ! +');
  assert.equal(judgeAll([5_000, 100, 101, 103, 104]), '+ fall fall ! +');
  assert.equal(judgeAll([5_000, 900_000, 900_002, 900_002, 900_003]), '+ jump jump ! +');
});

test('a right value in between starts the confirmation again', () => {
  assert.equal(judgeAll([5_000, 100, 100, 5_001, 100, 100, 5_002]), '+ fall fall + fall fall +');
});

test('values confirm each other only where the new series is plausible in itself', () => {
  assert.equal(judgeAll([5_000, 100, 4_000, 300, 2_500, 200]), '+ fall fall fall fall fall');
  assert.equal(judgeAll([5_000, 900_000, 700_000, 800_000, 5_001]), '+ jump jump jump +');
  assert.equal(judgeAll([5_000, 100, 90, 80, 70]), '+ fall fall fall fall');
});

test('a new series is held to the same rules as the old one', () => {
  assert.equal(judgeAll([5_000, 100, 100, 100, 90, 5_000, 101]), '+ fall fall ! fall jump +');
});

test('a rounding that differs is waited for, however often it comes, and never confirmed', () => {
  assert.equal(judgeAll([5_000, 4_999, 4_999, 4_999, 4_999, 5_000]), '+ rounding rounding rounding rounding +');
  assert.equal(judgeAll([100.506, 100.5, 100.5, 100.5, 100.507]), '+ rounding rounding rounding +');
  assert.equal(judgeAll([0.3, 0.2, 0.4]), '+ rounding +');
});

test('a leap is what cannot have flowed in the time since less was shown, and a minute for readings that were held up', () => {
  // 69 kW for 20 s, as 1000 may have been reached just after the reading before it, and for a minute: 1533.3 Wh.
  assert.equal(judgeAll([999, 1_000, 2_533]), '+ + +');
  assert.equal(judgeAll([999, 1_000, 2_534]), '+ + jump');
});

test('readings that were held up and arrive at once are no leap', () => {
  assert.equal(judgeAll([1_000, 1_191, 1_382, 1_573, 1_764], [0, 10_000, 50_000, 50_000, 50_000]), '+ + + + +');
});

test('a coarse counter that steps once an hour makes no leap, also when it is asked again after a minute', () => {
  // 40 kW, counted in steps of 10 kWh and asked once an hour.
  assert.equal(judgeAll([100, 140, 180, 190], [0, HOUR, 2 * HOUR, 2 * HOUR + MINUTE], 69), '+ + + +');
  // An hour counter that moves just after the first reading.
  assert.equal(judgeAll([16_411, 16_412, 16_413], [0, 10 * SECOND, HOUR], 1), '+ + +');
});

test('after a long silence as much may have flowed as the fuse carries', () => {
  assert.equal(judgeAll([1_000, 1_000, 700_000], [0, 10 * SECOND, 10 * HOUR]), '+ + +');
  assert.equal(judgeAll([1_000, 1_000, 700_000], [0, 10 * SECOND, 9 * HOUR]), '+ + jump');
});

test('a total without a limit may leap, but not fall', () => {
  assert.equal(judgeAll([1, 1_000_000_000, 5], SECOND, Infinity), '+ + fall');
});

for (const [unit, quantity, expected] of [
  ['Wh', 'energy', 69_000],
  ['kWh', 'energy', 69],
  ['MWh', 'energy', 0.069],
  // 69 kW are 248.4 MJ an hour.
  ['GJ', 'energy', 0.2484],
  // 1 kWh is 860.42 kcal of 4.184 J.
  ['Mcal', 'energy', 59.36902485659656],
  ['varh', 'reactive-energy', 69_000],
  ['m³', 'heat-volume', 15],
  ['l', 'heat-volume', 15_000],
  ['h', 'duration', 1],
  ['s', 'duration', 3_600],
  ['W', 'power', Infinity],
  [undefined, 'count', Infinity],
] as const) {
  test(`a total of ${quantity} in ${unit ?? 'no unit'} can grow by ${expected} in an hour at 69 kW or 15 m³/h`, () => {
    const property: Property = { name: '', datatype: 'float', quantity, kind: 'total', ...(unit && { unit }) };
    const limit = maxGrowthPerHour(property, { maxPowerW: 69_000, maxFlowM3PerHour: 15 });
    if (expected === Infinity) assert.equal(limit, Infinity);
    else assert.ok(Math.abs(limit - expected) <= 1e-9 * expected, String(limit));
  });
}
