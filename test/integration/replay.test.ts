import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { skipWithoutBroker, startBroker } from '../support/broker.js';
import { handT210, runT210, T210_TOPIC as DEVICE, type HandT210 } from '../support/hand-t210.js';
import { observe, type Observer } from '../support/mqtt-observer.js';
import type { Program } from '../support/program.js';
import { ptyPair } from '../support/pty.js';

const skip = { skip: skipWithoutBroker };
const TOTAL = `${DEVICE}/energy/imported-total`;
const STATUS = `${DEVICE}/meter/status`;

const total = ({ meter }: HandT210): string => String(meter.values['1-0:1.8.0']);

/** Sends telegrams until the first one is read, and notes each that was made. */
async function begin(hand: HandT210, observer: Observer): Promise<Uint8Array[]> {
  const sent: Uint8Array[] = [];
  const next = (): Uint8Array => {
    const bytes = hand.make();
    sent.push(bytes);
    return bytes;
  };
  await hand.sendUntil(observer, next, ({ topics }) => topics.get(`${DEVICE}/$state`) === 'ready', 'a first reading');
  return sent;
}

/** Sends the next telegram and waits until its total is published. */
async function sendNext(hand: HandT210, observer: Observer): Promise<Uint8Array> {
  const values = hand.meter.values;
  hand.meter.values = { ...values, '1-0:1.8.0': values['1-0:1.8.0'] + 1 };
  const expected = total(hand);
  const bytes = hand.make();
  await hand.send(bytes);
  await observer.shows(TOTAL, expected);
  return bytes;
}

/** Sends recorded frames until the meter counts as failing by them. */
function replay(hand: HandT210, observer: Observer, frame: Uint8Array): Promise<void> {
  const isRefused = ({ topics }: Observer): boolean =>
    topics.get(`${DEVICE}/$state`) === 'alert' && /^replayed frame: /.test(topics.get(STATUS) ?? '');
  return hand.sendUntil(observer, () => frame, isRefused, 'replayed frames refused');
}

const totalsSince = (observer: Observer): string[] => observer.take().filter((message) => message.startsWith(`${TOTAL} `));

test(
  'replayed frames are refused, counted and told; what was read before stays, and the next new frame is read',
  skip,
  async () => {
    await using broker = await startBroker();
    await using observer = await observe(broker.url);
    await using pty = await ptyPair();
    await using program = await runT210(broker, pty);
    await using hand = await handT210(pty);
    const [first = new Uint8Array()] = (await begin(hand, observer)).slice(-1);
    await sendNext(hand, observer);
    observer.take();
    await replay(hand, observer, first);
    assert.match(observer.topics.get(STATUS) ?? '', /^replayed frame: frame counter \d+ after \d+$/);
    assert.ok(Number(observer.topics.get(`${DEVICE}/meter/faults`)) >= 3);
    assert.deepEqual(totalsSince(observer), []);
    await sendNext(hand, observer);
    await observer.shows(`${DEVICE}/$state`, 'ready');
    assert.equal(program.stderr().match(/meter failing: replayed frame/g)?.length, 1);
  },
);

test('frames that never arrived are counted as lost', skip, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using pty = await ptyPair();
  await using _program = await runT210(broker, pty);
  await using hand = await handT210(pty);
  await begin(hand, observer);
  const last = await sendNext(hand, observer);
  for (let n = 0; n < 4; n++) hand.make('silence');
  await sendNext(hand, observer);
  hand.make('silence');
  await sendNext(hand, observer);
  // A change of health carries the counts.
  await replay(hand, observer, last);
  assert.equal(observer.topics.get(`${DEVICE}/meter/lost`), '5');
});

test(
  'a counter that starts again is believed with the third later frame in a row, and its first two are not read',
  skip,
  async () => {
    await using broker = await startBroker();
    await using observer = await observe(broker.url);
    await using pty = await ptyPair();
    await using _program = await runT210(broker, pty);
    await using hand = await handT210(pty);
    await begin(hand, observer);
    const before = await sendNext(hand, observer);
    hand.meter.frameCounter = 1;
    observer.take();
    const totals = [];
    for (let n = 0; n < 3; n++) {
      totals.push(total(hand));
      await hand.send(hand.make());
      // Recorded frames in a pause say nothing for a restart, and something against it.
      if (n === 1) await hand.send(before);
    }
    for (let n = 0; n < 2; n++) {
      totals.push(total(hand));
      await hand.send(hand.make());
    }
    await observer.shows(TOTAL, totals[4] ?? '');
    assert.deepEqual(totalsSince(observer), [`${TOTAL} ${totals[4] ?? ''}`]);
  },
);

test('the last counter survives a restart: frames recorded before it are refused after it', skip, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using pty = await ptyPair();
  await using program = await runT210(broker, pty);
  await using hand = await handT210(pty);
  await begin(hand, observer);
  const recorded = await sendNext(hand, observer);
  await program.end('SIGTERM');
  observer.take();
  await using _again = await program.again();
  await replay(hand, observer, recorded);
  assert.deepEqual(totalsSince(observer), []);
  await sendNext(hand, observer);
});

/** Counters are written within ten minutes, for the sake of SD cards, and whenever something else is written at once: such as what the first reading taught. */
test('after a kill the counter of the last write guards on', skip, async () => {
  await using broker = await startBroker();
  await using observer = await observe(broker.url);
  await using pty = await ptyPair();
  await using program = await runT210(broker, pty);
  await using hand = await handT210(pty);
  const sent = await begin(hand, observer);
  await saved(program, /frame-counter/);
  await program.end('SIGKILL');
  observer.take();
  await using _again = await program.again();
  await replay(hand, observer, sent[0] ?? new Uint8Array());
  assert.deepEqual(totalsSince(observer), []);
  await sendNext(hand, observer);
});

/** Waits until the program has written its state. */
async function saved({ folder }: Program, pattern: RegExp): Promise<void> {
  const file = join(folder, 'state', 't210.json');
  for (let attempt = 0; attempt < 600; attempt++) {
    if (pattern.test(await readFile(file, 'utf8').catch(() => ''))) return;
    await sleep(100);
  }
  assert.fail('no state was written');
}
