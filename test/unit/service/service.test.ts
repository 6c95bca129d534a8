import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { HealthState } from '../../../src/model/reading.js';
import { Service } from '../../../src/service/service.js';
import type { Assignments } from '../../../src/service/systemd-notify.js';
import { FakeClock } from '../../support/fake-clock.js';
import { DEVICE, health, reading } from '../../support/items.js';
import { RecordingLogger } from '../../support/logger.js';

const WATCHDOG_MS = 120_000;

/** A service whose notifications are kept, with the second in which each was made. */
function service(context: TestContext, environments: readonly string[], watchdogMs?: number) {
  const clock = new FakeClock();
  const log = new RecordingLogger();
  const told: [number, Assignments][] = [];
  const stop = new AbortController();
  const made = new Service({
    environments,
    clock,
    log,
    watchdogMs,
    notify: async (assignments) => void told.push([clock.monotonic() / 1_000, assignments]),
  });
  const ended = made.run(stop.signal);
  const end = async (): Promise<void> => {
    stop.abort();
    await ended;
  };
  context.after(end);
  return { service: made, clock, log, end, take: () => told.splice(0) };
}

const is = (state: HealthState, detail: string, id = 'a-meter') => health(state, detail, { ...DEVICE, id });

test('the program is ready when every environment had its first reading', async (context) => {
  const { service: made, clock, take } = service(context, ['t210', 'kamstrup_403']);
  made.observe('t210', reading());
  made.observe('t210', is('ok', 'ok', 'electric'));
  made.observe('t210', is('ok', 'ok', 'electric'));
  await clock.advance(1_000);
  assert.deepEqual(take(), [[0, { STATUS: 'electric: ok' }]]);
  made.observe('kamstrup_403', is('ok', 'ok', 'heat'));
  await clock.advance(0);
  assert.deepEqual(take(), [[1, { READY: '1', STATUS: 'electric: ok; heat: ok' }]]);
});

test('the program is ready after a minute when a meter says nothing, and says so once', async (context) => {
  const { service: made, clock, take } = service(context, ['t210']);
  await clock.advance(59_999);
  assert.deepEqual(take(), []);
  await clock.advance(1);
  assert.deepEqual(take(), [[60, { READY: '1' }]]);
  made.observe('t210', is('ok', 'ok'));
  await clock.advance(3_600_000);
  assert.deepEqual(take(), [[60, { STATUS: 'a-meter: ok' }]]);
});

test('the status is what is known of each meter, told when it changes', async (context) => {
  const { service: made, clock, take } = service(context, ['t210', 'kamstrup_403']);
  made.observe('t210', is('waiting', 'waiting for the first reading', 'electric'));
  made.observe('kamstrup_403', is('waiting', 'waiting for the first reading', 'heat'));
  await clock.advance(10_000);
  assert.deepEqual(take(), [[0, { STATUS: 'electric: waiting for the first reading; heat: waiting for the first reading' }]]);
  made.observe('t210', is('ok', 'ok', 'electric'));
  made.observe('kamstrup_403', is('silent', 'nothing heard from the meter for 135 s', 'heat'));
  await clock.advance(0);
  assert.deepEqual(take(), [[10, { STATUS: 'electric: ok; heat: silent, nothing heard from the meter for 135 s' }]]);
  made.observe('t210', is('ok', 'ok', 'electric'));
  await clock.advance(10_000);
  assert.deepEqual(take(), []);
});

test('a meter that comes and goes is told of every five seconds, with the newest state', async (context) => {
  const { service: made, clock, take } = service(context, ['t210']);
  for (let n = 0; n < 10; n++) {
    made.observe('t210', is('failing', `damaged frame ${n}`));
    await clock.advance(1_000);
  }
  assert.deepEqual(take(), [
    [0, { STATUS: 'a-meter: failing, damaged frame 0' }],
    [5, { STATUS: 'a-meter: failing, damaged frame 4' }],
    [10, { STATUS: 'a-meter: failing, damaged frame 9' }],
  ]);
});

test('a sign of life is given in half of the watchdog time, however long the meters and stores are waited for', async (context) => {
  const { service: made, clock, take } = service(context, ['t210'], WATCHDOG_MS);
  made.pulse.watch('nothing is handed on');
  await clock.advance(600_000);
  const signs = take().filter(([, assignments]) => 'WATCHDOG' in assignments);
  assert.deepEqual(
    signs.map(([second]) => second),
    [0, 60, 120, 180, 240, 300, 360, 420, 480, 540, 600],
  );
});

test('without a watchdog no sign of life is given', async (context) => {
  const { clock, take } = service(context, ['t210']);
  await clock.advance(3_600_000);
  assert.deepEqual(take(), [[60, { READY: '1' }]]);
});

test('no sign of life is given while the pipeline is stuck, and why is said once', async (context) => {
  const { service: made, clock, log, take } = service(context, ['t210'], WATCHDOG_MS);
  const work = made.pulse.watch('nothing is handed on');
  await clock.advance(60_000);
  take();
  work.begin();
  await clock.advance(240_000);
  assert.deepEqual(take(), []);
  assert.deepEqual(log.of('error'), ['stuck, so the watchdog may restart the program: nothing is handed on']);
  work.end();
  await clock.advance(60_000);
  assert.deepEqual(take(), [[360, { WATCHDOG: '1' }]]);
});

test('stopping is told, and leaves no timer behind', async (context) => {
  const { clock, end, take } = service(context, ['t210'], WATCHDOG_MS);
  await clock.advance(1_000);
  take();
  await end();
  assert.deepEqual(take(), [[1, { STOPPING: '1' }]]);
  assert.equal(clock.sleeping, 0);
});
