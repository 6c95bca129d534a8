import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Reading } from '../../../src/model/reading.js';
import { everyMailbox, latestMailbox } from '../../../src/pipeline/mailbox.js';
import { FakeClock } from '../../support/fake-clock.js';
import { heldBytes } from '../../support/held-bytes.js';
import { reading } from '../../support/items.js';
import { startLine } from '../../support/line.js';
import { Store, type Ending } from '../../support/store.js';

const PERIOD_MS = 10_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const TOTAL = 'energy/imported-total';

/** A meter that pushes a reading every ten seconds, whose total is the number of the reading. */
function meter(clock: FakeClock) {
  let sent = 0;
  async function* readings(stop: AbortSignal): AsyncGenerator<Reading> {
    while (!stop.aborted) {
      yield reading({ [TOTAL]: ++sent, 'power/current-usage': sent % 100 });
      await clock.sleep(PERIOD_MS, stop).catch(() => undefined);
    }
  }
  return { client: { periodMs: PERIOD_MS, readings }, sent: () => sent };
}

for (const [what, outage] of [
  ['refuses every connection', (call) => (call === 'open' ? 'lost' : 'well')],
  ['takes connections and nothing else', (call) => (call === 'open' ? 'well' : 'lost')],
  ['answers nothing at all', () => 'never'],
] as const satisfies readonly (readonly [string, (call: 'open' | 'write') => Ending])[]) {
  test(`a day during which the broker ${what}: little is kept, little is said, and after it the newest alone is sent`, async () => {
    const clock = new FakeClock();
    const { client, sent } = meter(clock);
    let out = false;
    const newest = new Store((call) => (out ? outage(call) : 'well'));
    const mailbox = latestMailbox(clock);
    const line = startLine(clock, client, [{ sink: newest, mailbox }]);
    await clock.advance(MINUTE_MS);
    const before = newest.written.length;
    assert.equal(newest.holds[TOTAL], sent());

    out = true;
    newest.breakConnection();
    // By then all code has been compiled, which takes memory too.
    await clock.advance(4 * HOUR_MS);
    const warm = { opened: newest.opened, bytes: heldBytes() };
    for (let hour = 4; hour < 24; hour++) {
      await clock.advance(HOUR_MS);
      assert.ok(mailbox.length <= 2, 'a reading and a health');
      assert.equal(line.queue.length, 0);
    }
    assert.ok(sent() > 8_640);
    assert.ok(heldBytes() - warm.bytes < 1_000_000, `${heldBytes() - warm.bytes} bytes`);
    assert.equal(newest.written.length, before, 'nothing arrived');
    assert.ok(newest.opened - warm.opened <= 20 * 60, 'a try a minute');

    out = false;
    await clock.advance(2 * MINUTE_MS);
    // Twice, where a connection was made while nothing waited to be written on it.
    assert.ok(line.log.of('warn').length <= 2);
    assert.equal(line.log.of('info').at(-1), 'connected again');
    const totals = newest.written.slice(before).flatMap(([path, value]) => (path === TOTAL ? [Number(value)] : []));
    assert.ok((totals[0] ?? 0) >= sent() - 12, 'nothing old is sent first');
    assert.deepEqual(
      totals,
      [...totals].sort((a, b) => a - b),
    );
    assert.equal(newest.holds[TOTAL], sent());
    await line.stop();
    assert.equal(clock.sleeping, 0);
  });
}

test('a day during which a history is away: it misses the oldest readings, counted, and gets the newest in order', async () => {
  const CAPACITY = 5_000;
  const clock = new FakeClock();
  const { client, sent } = meter(clock);
  let out = true;
  const history = new Store(() => (out ? 'lost' : 'well'));
  const newest = new Store();
  const mailbox = everyMailbox(clock, CAPACITY, 500);
  const line = startLine(clock, client, [
    { sink: history, mailbox },
    { sink: newest, mailbox: latestMailbox(clock) },
  ]);
  await clock.advance(24 * HOUR_MS);
  assert.equal(mailbox.length, CAPACITY);
  assert.ok(mailbox.dropped > 8_640 - CAPACITY);
  const totals = (store: Store): number[] => store.written.flatMap(([path, value]) => (path === TOTAL ? [Number(value)] : []));
  assert.equal(totals(newest).length, sent(), 'the other sink missed nothing');

  out = false;
  await clock.advance(MINUTE_MS);
  const stored = totals(history);
  const [first = 0] = stored;
  assert.deepEqual(
    stored,
    Array.from({ length: sent() - first + 1 }, (_, index) => first + index),
  );
  assert.ok(history.largest <= 500);
  await line.stop();
});
