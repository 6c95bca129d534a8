import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKamstrup } from '../../src/clients/kamstrup/client.js';
import type { QueueItem } from '../../src/model/reading.js';
import { collect, type Envelope } from '../../src/pipeline/collect.js';
import { Meter } from '../../src/pipeline/meter.js';
import { Queue } from '../../src/pipeline/queue.js';
import { Multical } from '../../src/simulators/multical.js';
import type { T210Values } from '../../src/simulators/t210-values.js';
import { skipWithoutBroker, startBroker } from '../support/broker.js';
import { clientContext } from '../support/client-context.js';
import { handT210, runT210, t210, T210_TOPIC as DEVICE, type HandT210 } from '../support/hand-t210.js';
import { memoryLinks } from '../support/memory-link.js';
import { observe, type Observer } from '../support/mqtt-observer.js';
import { ptyPair } from '../support/pty.js';

const skip = { skip: skipWithoutBroker };
const TOTAL = `${DEVICE}/energy/imported-total`;
const POWER = `${DEVICE}/power/current-usage`;

/** The power in the last telegram: another one in each, by which it is known again. */
let watts = 1_000;

/** Sends a telegram with this imported total, and waits until its power is published. */
async function send(hand: HandT210, observer: Observer, total: number, offMs = 0): Promise<void> {
  watts += 1;
  const values: T210Values = { ...hand.meter.values, '1-0:1.8.0': total, '1-0:1.7.0': watts };
  const make = (): Uint8Array => {
    hand.meter.values = values;
    return hand.make(undefined, offMs);
  };
  observer.take();
  if (observer.topics.get(`${DEVICE}/$state`) === 'ready') {
    await hand.send(make());
    await observer.shows(POWER, String(watts));
  } else {
    const isRead = ({ topics }: Observer): boolean =>
      topics.get(POWER) === String(watts) && topics.get(`${DEVICE}/$state`) === 'ready';
    await hand.sendUntil(observer, make, isRead, 'a first reading');
  }
}

/** Has the program say how it is: three frames in a row that cannot be read are news of its health. */
async function figure(hand: HandT210, observer: Observer, name: string): Promise<string | undefined> {
  observer.take();
  for (let n = 0; n < 3; n++) await hand.send(hand.make('wrong-encryption-key'));
  await observer.shows(`${DEVICE}/$state`, 'alert');
  return observer.topics.get(`${DEVICE}/meter/${name}`);
}

const totals = (observer: Observer): string[] =>
  observer.seen.filter(({ topic }) => topic === TOTAL).map(({ payload }) => payload);

test('one zero, one fall and one spike never reach the broker, while the rest of their telegrams does', skip, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using pty = await ptyPair();
  await using program = await runT210(broker, pty);
  await using hand = await handT210(pty);
  for (const total of [4_204_204, 0, 4_204_205, 4_000_000, 4_204_206, 999_999_999, 4_204_207]) await send(hand, observer, total);
  await observer.shows(TOTAL, '4204207');
  assert.deepEqual(totals(observer), ['4204204', '4204205', '4204206', '4204207']);
  assert.equal(program.stderr().match(/imported-total is held back/g)?.length, 1);
  assert.equal(await figure(hand, observer, 'quarantined'), '3');
});

test('a counter that really starts again goes on with the third reading in a row', skip, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using pty = await ptyPair();
  await using program = await runT210(broker, pty);
  await using hand = await handT210(pty);
  for (const total of [4_204_204, 7, 8, 9, 10]) await send(hand, observer, total);
  await observer.shows(TOTAL, '10');
  assert.deepEqual(totals(observer), ['4204204', '9', '10']);
  assert.match(program.stderr(), /imported-total goes on at 9 Wh: 3 readings in a row agree/);
});

test('the last totals survive a restart: a fall meanwhile is held back, growth is not', skip, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using pty = await ptyPair();
  await using program = await runT210(broker, pty);
  await using hand = await handT210(pty);
  await send(hand, observer, 4_204_204);
  await program.end('SIGTERM');
  await using _again = await program.again();
  await observer.until(({ topics }) => topics.get(`${DEVICE}/$state`) === 'init', 'the program is back');
  await send(hand, observer, 4_100_000);
  await send(hand, observer, 4_204_300);
  await observer.shows(TOTAL, '4204300');
  assert.deepEqual(totals(observer), ['4204204', '4204300']);
});

test(
  'a meter that was swapped is known by its serial number: its totals and its frame counter are its own, at once',
  skip,
  async () => {
    await using broker = await startBroker();
    await using observer = await observe(broker.url);
    await using pty = await ptyPair();
    await using program = await runT210(broker, pty);
    await using hand = await handT210(pty);
    await send(hand, observer, 4_204_204);
    hand.meter = t210({ systemTitle: Buffer.from('SAG5\x00\x99\x99\x99', 'latin1'), frameCounter: 1 });
    await send(hand, observer, 3);
    await observer.shows(TOTAL, '3');
    assert.deepEqual(totals(observer), ['4204204', '3']);
    assert.match(
      program.stderr(),
      /another meter: serial number 5341473500999999 instead of 5341473500123456; its totals are a new series/,
    );
  },
);

test('one telegram of the future stops nothing: its values are read, its time is not', skip, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using pty = await ptyPair();
  await using _program = await runT210(broker, pty);
  await using hand = await handT210(pty);
  const future = 40 * 24 * 3_600_000;
  await send(hand, observer, 4_204_204);
  await send(hand, observer, 4_204_205, future);
  await observer.shows(TOTAL, '4204205');
  await send(hand, observer, 4_204_206);
  await observer.shows(TOTAL, '4204206');
  const times = (): string[] =>
    observer.seen.filter(({ topic }) => topic === `${DEVICE}/meter/measured-at`).map(({ payload }) => payload);
  await observer.until(() => times().length >= 2, 'the times of the first and the last telegram');
  for (const time of times()) assert.ok(Date.parse(time) <= Date.now(), time);
});

test('a polled meter is asked again after a minute until its new total is confirmed', async () => {
  const context = clientContext();
  const { clock, log, state, device } = context;
  const stop = new AbortController();
  const meter = new Multical();
  const cable = memoryLinks();
  const metering = meter.run(cable.far, stop.signal);
  const client = createKamstrup({ pollIntervalMs: 3_600_000, context, openLink: () => Promise.resolve(cable.near) });
  const queue = new Queue<Envelope>(100);
  const limits = { maxPowerW: 69_000, maxFlowM3PerHour: 15 };
  const watched = new Meter({ device, fingerprint: '', toleratedFaults: 0, clock, log, state, limits, client });
  const ended = collect({ environment: 'test', client, meter: watched, queue, clock, log, random: () => 1 }, stop.signal);
  const taken: QueueItem[] = [];
  const energies = async (): Promise<unknown[]> => {
    while (queue.length > 0) taken.push((await queue.take(stop.signal))?.item ?? assert.fail());
    return taken.flatMap((item) => (item.kind === 'reading' ? [item.values['energy/imported-total']] : []));
  };
  const energy = (kWh: number): void => {
    meter.registers.set(60, { unitCode: 0x02, value: { integer: kWh, exponent: 0 } });
  };
  energy(55_006);
  await clock.advance(1_000);
  energy(12);
  await clock.advance(3_600_000);
  assert.deepEqual(await energies(), [55_006, undefined]);
  await clock.advance(60_000);
  assert.deepEqual(await energies(), [55_006, undefined, undefined]);
  await clock.advance(60_000);
  assert.deepEqual(await energies(), [55_006, undefined, undefined, 12]);
  // Confirmed: from now on once an hour again.
  await clock.advance(59 * 60_000);
  assert.equal((await energies()).length, 4);
  await clock.advance(60_000);
  assert.equal((await energies()).length, 5);
  stop.abort();
  await Promise.all([ended, metering]);
});
