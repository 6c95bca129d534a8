import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryOf } from '../bench/process.js';
import { skipWithoutBroker, startBroker, type Broker } from '../support/broker.js';
import { t210Toml } from '../support/environments.js';
import { observe, type Observer } from '../support/mqtt-observer.js';
import { startProgram, type Program } from '../support/program.js';
import { ptyPair, type PtyPair } from '../support/pty.js';
import { KEYS, plugInT210, secretsToml, type RunningT210 } from '../support/t210.js';
import { skipWithout } from '../support/tool.js';

const skip = skipWithoutBroker || skipWithout('socat');
const DEVICE = 'homie/t210';
const TOTAL = `${DEVICE}/energy/imported-total`;

/** What a busy machine may need to show a telegram that was sent. */
const LATE_MS = 5_000;

function runT210(broker: Broker, pty: PtyPair): Promise<Program> {
  const settings = {
    // What the simulated household uses in ten seconds it uses in one telegram: no fuse would stand that.
    'default.toml': '[plausibility]\nenabled = false\n',
    't210.toml': t210Toml({ id: 't210', name: 'T210', url: broker.url, path: pty.near }),
    't210.secrets.toml': secretsToml(KEYS),
  };
  return startProgram({ args: ['run', 't210'], settings });
}

const totals = (observer: Observer): number[] =>
  observer.seen.flatMap(({ topic, payload }) => (topic === TOTAL ? [Number(payload)] : []));

/** Waits until the meter has sent so many telegrams more, and the subscriber has the last of them. @returns how long after it was sent */
async function after(telegrams: number, meter: RunningT210, observer: Observer): Promise<number> {
  const enough = meter.sent.length + telegrams;
  await observer.until(() => meter.sent.length >= enough, `${telegrams} telegrams`);
  const newest = meter.sent.at(-1)?.values['1-0:1.8.0'] ?? 0;
  const sentAt = performance.now();
  await observer.until(({ topics }) => Number(topics.get(TOTAL)) >= newest, 'the last of them');
  return performance.now() - sentAt;
}

for (const [intervalMs, telegrams] of [
  [100, 50],
  [10, 500],
] as const) {
  test(
    `a meter that sends every ${intervalMs} ms is read: what is published was sent, never goes back and is fresh`,
    { skip },
    async () => {
      await using broker = await startBroker();
      await using observer = await observe(broker.url);
      await using pty = await ptyPair();
      await using program = await runT210(broker, pty);
      await using meter = await plugInT210(pty.far, { keys: KEYS, intervalMs });
      await observer.shows(`${DEVICE}/$state`, 'ready');
      const lateMs = await after(telegrams, meter, observer);
      assert.ok(lateMs < LATE_MS, `${lateMs} ms late`);
      await meter.stop();
      await observer.shows(TOTAL, String(meter.sent.at(-1)?.values['1-0:1.8.0']));
      const sent = new Set(meter.sent.map(({ values }) => values['1-0:1.8.0']));
      const seen = totals(observer);
      assert.deepEqual(
        seen.filter((total) => !sent.has(total)),
        [],
      );
      assert.deepEqual(
        seen,
        [...seen].sort((a, b) => a - b),
      );
      // What comes while the program waits for the processor is merged, and that is all.
      assert.ok(seen.length > telegrams / 10, `${seen.length} values`);
      assert.equal(
        observer.seen.some(({ payload }) => payload === 'alert'),
        false,
      );
      assert.doesNotMatch(program.stderr(), /warn|error/);
      assert.equal((await program.end('SIGTERM')).code, 0);
    },
  );
}

test('ten thousand telegrams as fast as they can be sent leave no memory behind', { skip, timeout: 240_000 }, async () => {
  const BATCH = 2_500;
  await using broker = await startBroker({ config: ['max_queued_messages 0'] });
  await using observer = await observe(broker.url, { filter: [TOTAL, `${DEVICE}/$state`] });
  await using pty = await ptyPair();
  await using program = await runT210(broker, pty);
  await using meter = await plugInT210(pty.far, { keys: KEYS, intervalMs: 1 });
  await observer.shows(`${DEVICE}/$state`, 'ready');
  const occupied: number[] = [];
  for (let batch = 0; batch < 4; batch++) {
    await after(BATCH, meter, observer);
    occupied.push(memoryOf(program.pid).total / 1_000_000);
  }
  await meter.stop();
  const [, warm = 0, , end = 0] = occupied;
  assert.ok(end - warm < 10, `${occupied.map((megabytes) => megabytes.toFixed(1)).join(', ')} MB`);
  assert.doesNotMatch(program.stderr(), /warn|error/);
  assert.equal((await program.end('SIGTERM')).code, 0);
});
