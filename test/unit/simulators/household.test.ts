import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mapTelegram } from '../../../src/clients/p1/map.js';
import { plainDecoder } from '../../../src/codecs/p1/frame.js';
import { parseTelegram } from '../../../src/codecs/p1/telegram.js';
import { Dsmr5 } from '../../../src/simulators/dsmr5.js';
import { Fluvius } from '../../../src/simulators/fluvius.js';
import { Household, type HouseholdState } from '../../../src/simulators/household.js';
import { Multical } from '../../../src/simulators/multical.js';
import type { PushingMeter } from '../../../src/simulators/pushing-meter.js';
import { T210 } from '../../../src/simulators/t210.js';
import { decode } from '../../support/p1.js';

const ZONE = 'Europe/Vienna';
const MIDSUMMER = Date.parse('2026-06-20T22:00:00Z');
const MIDWINTER = Date.parse('2026-12-20T23:00:00Z');
const HOUR_MS = 3_600_000;

const day = (seed: number, midnight: number): HouseholdState[] => {
  const household = new Household(seed, ZONE);
  return Array.from({ length: 24 * 6 }, (_, sixth) => household.at(midnight + (sixth * HOUR_MS) / 6));
};

const totalsOf = ({ importWh, exportWh, gasLitres, waterLitres, heatKwh, heatLitres }: HouseholdState): number[] => [
  ...importWh,
  ...exportWh,
  gasLitres,
  waterLitres,
  heatKwh,
  heatLitres,
];

test('totals only rise, over midnights, and when the household is made again', () => {
  let before: number[] = [];
  for (let hour = 0; hour < 24 * 10; hour++) {
    const now = MIDSUMMER + hour * HOUR_MS + 123_456;
    for (const household of hour % 30 === 0 ? [new Household(3, ZONE)] : [new Household(3, ZONE), new Household(3, ZONE)]) {
      const totals = totalsOf(household.at(now));
      assert.ok(
        before.every((each, index) => each <= (totals[index] ?? NaN)),
        `${before.join()} then ${totals.join()}`,
      );
      before = totals;
    }
  }
});

test('energy is what power comes to', () => {
  const household = new Household(1, ZONE);
  const minutes = Array.from({ length: 600 }, (_, minute) => household.at(MIDWINTER + minute * 60_000));
  const drawn = minutes.slice(0, -1).reduce((sum, { netW }) => sum + Math.max(netW, 0) / 60, 0);
  const sumOf = (state: HouseholdState | undefined): number => (state?.importWh ?? [0, 0]).reduce((sum, each) => sum + each, 0);
  assert.ok(Math.abs(sumOf(minutes.at(-1)) - sumOf(minutes[0]) - drawn) <= 2);
});

test('it feeds in at noon in summer, draws most in the evening, and rests at night', () => {
  const mean = (states: readonly HouseholdState[], from: number, to: number): number => {
    const some = states.slice(from * 6, to * 6);
    return some.reduce((sum, { netW }) => sum + netW, 0) / some.length;
  };
  for (const seed of [1, 2, 3]) {
    const [summer, winter] = [day(seed, MIDSUMMER), day(seed, MIDWINTER)];
    assert.ok(mean(summer, 11, 15) < 0, `seed ${seed} at noon in summer`);
    assert.ok(mean(winter, 1, 5) > 50 && mean(winter, 1, 5) < 400, `seed ${seed} at night`);
    assert.ok(mean(winter, 18, 20) > mean(winter, 1, 5) * 2, `seed ${seed} in the evening`);
  }
});

test('gas and water are those of the last full hour', () => {
  const household = new Household(1, ZONE);
  const at = household.at(MIDWINTER + 10 * HOUR_MS);
  const later = household.at(MIDWINTER + 10 * HOUR_MS + 3_599_999);
  const next = household.at(MIDWINTER + 11 * HOUR_MS);
  assert.deepEqual([later.gasLitres, later.hourAt], [at.gasLitres, MIDWINTER + 10 * HOUR_MS]);
  assert.equal(next.hourAt, MIDWINTER + 11 * HOUR_MS);
  assert.ok(next.gasLitres > at.gasLitres);
});

test('another seed is another household', () => {
  assert.notDeepEqual(day(1, MIDWINTER), day(2, MIDWINTER));
  assert.deepEqual(day(1, MIDWINTER), day(1, MIDWINTER));
});

/** Noon of a day on which the sun shines into the grid. */
const NOON = MIDSUMMER + 13 * HOUR_MS;
const household = (): Household => new Household(1, ZONE);

for (const [name, meter, paths] of [
  ['DSMR 5', new Dsmr5(household()), ['energy/used-tariff-1', 'power/current-delivery', 'grid/voltage-l1', 'grid/current-l3']],
  ['Fluvius', new Fluvius(household()), ['energy/used-tariff-2', 'power/current-delivery', 'demand/current', 'grid/current-l2']],
  ['T210', new T210({ household: household() }), ['energy/imported-total', 'power/current-delivery']],
] as const satisfies readonly (readonly [string, PushingMeter<unknown>, readonly string[]])[]) {
  test(`what ${name} of a household sends is read, every object of it`, () => {
    const [found] = decode(plainDecoder(), meter.transmit(NOON).bytes);
    assert.equal(found?.kind, 'frame');
    const telegram = parseTelegram(found.frame.telegram);
    assert.deepEqual(telegram.skippedLines, []);
    const { values, leftOut } = mapTelegram(telegram);
    assert.deepEqual(leftOut, []);
    assert.deepEqual(
      paths.filter((path) => !Number.isFinite(values[path])),
      [],
    );
    assert.ok(Number(values['power/current-delivery']) > 0);
  });
}

test('a Multical of a household shows it, in the units of its registers', () => {
  const meter = new Multical();
  const state = household().at(NOON);
  meter.measure(state);
  assert.deepEqual(meter.registers.get(60), { unitCode: 0x03, value: { integer: state.heatKwh, exponent: -3 } });
  assert.deepEqual(meter.registers.get(80)?.value, { integer: state.heatW / 100, exponent: -1 });
  assert.deepEqual(meter.registers.get(89)?.value.integer, state.flowCentidegrees - state.returnCentidegrees);
});
