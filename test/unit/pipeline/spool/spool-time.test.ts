import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Meter } from '../../../../src/pipeline/meter.js';
import { Spool } from '../../../../src/pipeline/spool/spool.js';
import type { Reading, Values } from '../../../../src/model/reading.js';
import type { FakeClock } from '../../../support/fake-clock.js';
import { DEVICE } from '../../../support/items.js';
import { allOf, runSpool, spoolFolder, spoolOptions } from '../../../support/spool.js';
import { MemoryState } from '../../../support/state.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const NOON = Date.UTC(2026, 0, 15, 12);

/** A spool behind a meter whose readings come as they are made. */
function meterWithSpool(folder: Parameters<typeof spoolOptions>[0]) {
  const options = spoolOptions(folder);
  const { clock, log } = options;
  const meter = new Meter({ device: DEVICE, fingerprint: 'test', toleratedFaults: 0, clock, log, state: new MemoryState() });
  const { spool, end } = runSpool(options);
  const hear = (said: Partial<Reading>): void => {
    const items = meter.accept({ kind: 'reading', device: DEVICE, receivedAt: clock.now(), values: {}, ...said });
    for (const item of items) if (item.kind === 'reading') spool.append(item);
  };
  return { clock, spool, end, hear };
}

/** What a store holds after all of it was written, whose keys are device, path and time; without what is about the meter itself. */
async function storeOf(spool: Spool, writes = 1): Promise<ReadonlyMap<number, Values>> {
  const store = new Map<number, Values>();
  for (let times = 0; times < writes; times++)
    for (const { at, values } of await allOf(spool)) {
      const own = Object.entries(values).filter(([path]) => !path.startsWith('meter/'));
      store.set(at, { ...store.get(at), ...Object.fromEntries(own) });
    }
  return store;
}

/** Has a meter say its power every ten seconds; `offset` is how far its clock is ahead. */
async function say(
  hear: (said: Partial<Reading>) => void,
  clock: FakeClock,
  powers: readonly number[],
  offset = 0,
): Promise<void> {
  for (const power of powers) {
    hear({ measuredAt: clock.now() + offset, values: { 'power/current-usage': power } });
    await clock.advance(10 * SECOND);
  }
}

test('what a sub-meter said an hour ago is stored an hour ago, once, however often it is told again', async () => {
  using folder = spoolFolder();
  const { clock, spool, end, hear } = meterWithSpool(folder);
  const gas = { measuredAt: NOON - 60 * MINUTE, timing: 'own', values: { 'gas/volume': 3775.342 } } as const;
  await say(hear, clock, [100]);
  hear(gas);
  await say(hear, clock, [101]);
  hear(gas);
  assert.deepEqual(
    [...(await storeOf(spool))],
    [
      [NOON, { 'power/current-usage': 100 }],
      [NOON - 60 * MINUTE, { 'gas/volume': 3775.342 }],
      [NOON + 10 * SECOND, { 'power/current-usage': 101 }],
    ],
  );
  await end();
});

test('that it has a time of its own is known to a store, also after a restart', async () => {
  using folder = spoolFolder();
  const { clock, spool, end, hear } = meterWithSpool(folder);
  await say(hear, clock, [100]);
  hear({ measuredAt: NOON - 60 * MINUTE, timing: 'own', values: { 'gas/volume': 1 } });
  hear({ timing: 'own', values: { 'gas/volume': 2 } });
  const expected = [
    [undefined, NOON],
    ['own', NOON - 60 * MINUTE],
    ['own', NOON + 10 * SECOND],
  ];
  assert.deepEqual(
    (await allOf(spool)).map(({ timing, at }) => [timing, at]),
    expected,
  );
  await end();
  const again = Spool.open(spoolOptions(folder));
  assert.deepEqual(
    (await allOf(again)).map(({ timing, at }) => [timing, at]),
    expected,
  );
});

test('what a store gets twice it recognises by meter, time and property', async () => {
  using folder = spoolFolder();
  const { clock, spool, end, hear } = meterWithSpool(folder);
  await say(hear, clock, [100, 101, 102]);
  const once = await storeOf(spool);
  assert.equal(once.size, 3);
  assert.deepEqual(await storeOf(spool, 2), once);
  await end();
});

test('a meter clock that is set back rewrites nothing: what it says again of that time stands beside what it said', async () => {
  using folder = spoolFolder();
  const { clock, spool, end, hear } = meterWithSpool(folder);
  await say(hear, clock, [100, 101, 102, 103], 20 * SECOND);
  await say(hear, clock, [104, 105], -20 * SECOND);
  await say(hear, clock, [106, 107, 108, 109, 110], -40 * SECOND);
  const power = (value: number): Values => ({ 'power/current-usage': value });
  assert.deepEqual(
    [...(await storeOf(spool))].sort(([one], [other]) => one - other).map(([at, values]) => [at - NOON, values]),
    [
      [20 * SECOND, power(100)],
      [20 * SECOND + 1, power(104)],
      [20 * SECOND + 2, power(106)],
      [30 * SECOND, power(101)],
      [30 * SECOND + 1, power(105)],
      [30 * SECOND + 2, power(107)],
      [40 * SECOND, power(102)],
      [40 * SECOND + 2, power(108)],
      [50 * SECOND, power(103)],
      [50 * SECOND + 2, power(109)],
      [60 * SECOND, power(110)],
    ],
  );
  await end();
});
