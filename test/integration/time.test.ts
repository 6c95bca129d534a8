import assert from 'node:assert/strict';
import { test } from 'node:test';
import { p1Client } from '../../src/clients/p1/client.js';
import { stampPrinter } from '../../src/codecs/p1/time.js';
import type { QueueItem, Reading } from '../../src/model/reading.js';
import { collect, type Envelope } from '../../src/pipeline/collect.js';
import { Meter } from '../../src/pipeline/meter.js';
import { Queue } from '../../src/pipeline/queue.js';
import { clientContext } from '../support/client-context.js';
import { settle } from '../support/fake-clock.js';
import { memoryLinks } from '../support/memory-link.js';
import { P1_SETTINGS, telegramOf } from '../support/p1.js';

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const never = new AbortController().signal;

/** A P1 meter on a cable in memory, its client and the pipeline behind it, on a clock that the test moves. `now` is what is really the time. */
function home(start: string, timeZone = 'Europe/Vienna') {
  const context = clientContext();
  const { clock, log, state } = context;
  clock.epoch = Date.parse(start);
  const stop = new AbortController();
  let cable = memoryLinks();
  let opened = 0;
  const settings = { ...P1_SETTINGS, encryption_key: undefined, authentication_key: undefined, time_zone: timeZone };
  const client = p1Client(settings, context, () => {
    opened += 1;
    cable = memoryLinks();
    return Promise.resolve(cable.near);
  });
  const queue = new Queue<Envelope>(10_000);
  const meter = new Meter({ device: context.device, fingerprint: '', toleratedFaults: 2, clock, log, state, client });
  const ended = collect({ environment: 'test', client, meter, queue, clock, log, random: () => 1 }, stop.signal);
  const items = async (): Promise<QueueItem[]> => {
    await settle();
    const taken: QueueItem[] = [];
    while (queue.length > 0) {
      const envelope = await queue.take(stop.signal);
      if (envelope) taken.push(envelope.item);
    }
    return taken;
  };
  /** Sends telegrams with these stamps and returns what is read of them. */
  const read = async (...stamps: readonly string[]): Promise<Reading[]> => {
    await items();
    for (const stamp of stamps) await cable.far.write(telegramOf(621, stamp), never);
    return (await items()).filter((item) => item.kind === 'reading');
  };
  /** The same, as the times in UTC. */
  const measured = async (...stamps: readonly string[]): Promise<(string | undefined)[]> =>
    (await read(...stamps)).map(({ measuredAt }) => (measuredAt === undefined ? undefined : new Date(measuredAt).toISOString()));
  const end = async (): Promise<void> => {
    stop.abort();
    await ended;
    assert.equal(clock.sleeping, 0);
  };
  return {
    clock,
    log,
    items,
    read,
    measured,
    end,
    opened: () => opened,
    lose: () => {
      cable.lose();
    },
  };
}

test('in autumn the hour that comes twice is told apart by its letter, without a gap or a step back', async () => {
  const { measured, clock, log, end } = home('2026-10-25T00:59:50Z');
  assert.deepEqual(await measured('261025025950S'), ['2026-10-25T00:59:50.000Z']);
  await clock.advance(10 * SECOND);
  assert.deepEqual(await measured('261025020000W'), ['2026-10-25T01:00:00.000Z']);
  await clock.advance(59 * MINUTE + 50 * SECOND);
  assert.deepEqual(await measured('261025025950W'), ['2026-10-25T01:59:50.000Z']);
  await clock.advance(10 * SECOND);
  assert.deepEqual(await measured('261025030000W'), ['2026-10-25T02:00:00.000Z']);
  assert.deepEqual(
    log.of('warn').filter((line) => line.includes('clock') || line.includes('time')),
    [],
  );
  await end();
});

test('in spring the hour that does not exist is not missed', async () => {
  const { measured, clock, end } = home('2026-03-29T00:59:50Z');
  assert.deepEqual(await measured('260329015950W'), ['2026-03-29T00:59:50.000Z']);
  await clock.advance(10 * SECOND);
  assert.deepEqual(await measured('260329030000S'), ['2026-03-29T01:00:00.000Z']);
  await end();
});

test('a meter that keeps standard time all year is right in the hour that others leave out', async () => {
  const { measured, end } = home('2026-03-29T01:30:00Z');
  assert.deepEqual(await measured('260329023000W'), ['2026-03-29T01:30:00.000Z']);
  await end();
});

test('summer time in the hour before it begins contradicts itself: it counts as standard time, with one warning', async () => {
  const { measured, log, end } = home('2026-03-29T01:30:00Z');
  assert.deepEqual(await measured('260329023000S', '260329023010S'), ['2026-03-29T01:30:00.000Z', '2026-03-29T01:30:10.000Z']);
  assert.deepEqual(log.of('warn'), [
    'the meter says summer time (260329023000S) when Europe/Vienna has none: taken as standard time; is client.time_zone right?',
  ]);
  await end();
});

test('a meter that says winter time in summer is an hour off: no time, and one warning', async () => {
  const { measured, clock, log, end } = home('2026-07-15T10:00:00Z');
  for (let n = 0; n < 20; n++) {
    const local = stampPrinter('Europe/Vienna')(clock.now()).replace('S', 'W');
    assert.deepEqual(await measured(local), [undefined]);
    await clock.advance(10 * SECOND);
  }
  assert.equal(log.of('warn').length, 1);
  assert.match(log.of('warn')[0] ?? '', /^the meter's clock is 1 h ahead of this computer's/);
  await end();
});

test('a wrong time zone is said once, with one that would fit, and no wrong time goes out', async () => {
  const { measured, clock, log, end } = home('2026-01-15T10:00:00Z', 'Europe/London');
  for (let n = 0; n < 100; n++) {
    assert.deepEqual(await measured(stampPrinter('Europe/Vienna')(clock.now())), [undefined]);
    await clock.advance(10 * SECOND);
  }
  assert.deepEqual(log.of('warn'), [
    'the meter\'s clock is 1 h ahead of this computer\'s: measured times are left out; client.time_zone is "Europe/London": a zone of UTC+01:00 in winter, such as "Europe/Vienna", would fit',
  ]);
  await end();
});

test('a host that starts in 1970 publishes the time of the meter, and no offset until its own clock is set', async () => {
  const { clock, read, end } = home('1970-01-01T00:00:30Z');
  const [first] = await read('260115120000W');
  assert.equal(first?.measuredAt, Date.parse('2026-01-15T11:00:00Z'));
  assert.equal(first.values['meter/measured-at'], '2026-01-15T11:00:00.000Z');
  assert.equal('meter/clock-offset' in first.values, false);
  await clock.advance(10 * SECOND);
  clock.epoch += Date.parse('2026-01-15T11:00:12Z') - clock.now();
  const [second] = await read('260115120010W');
  assert.equal(second?.measuredAt, Date.parse('2026-01-15T11:00:10Z'));
  assert.equal(second.values['meter/clock-offset'], -2);
  assert.equal(second.device.nodes.meter?.properties['clock-offset']?.unit, 's');
  await end();
});

test('a host clock that jumps either way makes no meter silent', async () => {
  const { clock, items, measured, opened, end } = home('2026-01-15T11:00:00Z');
  for (const jump of [0, -30 * 365 * DAY, 60 * 365 * DAY, -HOUR, HOUR, -30 * 365 * DAY]) {
    clock.epoch += jump;
    for (let n = 0; n < 6; n++) {
      assert.equal((await measured('260115120000W')).length, 1);
      await clock.advance(10 * SECOND);
    }
  }
  assert.equal(opened(), 1);
  assert.deepEqual(
    (await items()).filter(({ kind }) => kind === 'fault'),
    [],
  );
  await end();
});

test('a meter that falls silent is found silent after three periods, wherever the host clock jumps meanwhile', async () => {
  for (const jump of [-365 * DAY, 365 * DAY]) {
    const { clock, items, measured, end } = home('2026-01-15T11:00:00Z');
    await measured('260115120000W');
    await clock.advance(15 * SECOND);
    clock.epoch += jump;
    await clock.advance(15 * SECOND - 1);
    assert.deepEqual(await items(), []);
    await clock.advance(1);
    const states = (await items()).map((item) => (item.kind === 'health' ? item.state : item.kind));
    assert.deepEqual(states, ['silent']);
    await end();
  }
});

test('a lost link is opened again after the same waits, wherever the host clock jumps', async () => {
  const { clock, lose, opened, end } = home('2026-01-15T11:00:00Z');
  await settle();
  for (const [jump, waitMs] of [
    [-365 * DAY, 1_000],
    [730 * DAY, 2_000],
    [-56 * 365 * DAY, 4_000],
  ] as const) {
    const before = opened();
    lose();
    await settle();
    clock.epoch += jump;
    await clock.advance(waitMs - 1);
    assert.equal(opened(), before);
    await clock.advance(1);
    assert.equal(opened(), before + 1);
  }
  await end();
});
