import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKamstrup } from '../../../src/clients/kamstrup/client.js';
import { p1Client } from '../../../src/clients/p1/client.js';
import { stampPrinter } from '../../../src/codecs/p1/time.js';
import type { Client } from '../../../src/pipeline/client.js';
import { collect, type Envelope } from '../../../src/pipeline/collect.js';
import { Meter } from '../../../src/pipeline/meter.js';
import { Queue } from '../../../src/pipeline/queue.js';
import type { Link } from '../../../src/transports/link.js';
import { clientContext, type TestContext } from '../../support/client-context.js';
import { FakeClock } from '../../support/fake-clock.js';
import { memoryLinks } from '../../support/memory-link.js';
import { flip, frameOf, P1_SETTINGS, telegramOf } from '../../support/p1.js';

const HOUR_S = 3_600;

const never = new AbortController().signal;

/** Uniform in [0, 1), the same in every run. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A second of a line that is open at 115200 baud is 11,520 bytes. Every eighth byte is one that a frame begins or ends with, so that there is something to be wrong with. */
function noise(random: () => number, bytes: number, marks: string): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, index) =>
    index % 8 === 0 ? marks.charCodeAt(Math.floor(random() * marks.length)) : Math.floor(random() * 256),
  );
}

const printStamp = stampPrinter(P1_SETTINGS.time_zone);

/** A telegram of that second, by a clock that is right. */
function telegramAt(second: number): Uint8Array {
  return telegramOf(621, printStamp(new FakeClock().now() + 1_000 * second));
}

/** Runs a client and the pipeline behind it for an hour in which `sound` is what comes in each second. @returns what was logged but debug, and what was counted */
async function listenForAnHour(
  create: (context: TestContext, open: () => Promise<Link>) => Client,
  sound: (second: number) => Uint8Array,
) {
  const context = clientContext();
  const { clock, log, state, device } = context;
  let cable = memoryLinks();
  const open = (): Promise<Link> => {
    cable = memoryLinks();
    return Promise.resolve(cable.near);
  };
  const client = create(context, open);
  const { toleratedFaults } = client;
  const meter = new Meter({ device, fingerprint: '', toleratedFaults, clock, log, state, client });
  const queue = new Queue<Envelope>(10);
  const stop = new AbortController();
  const emptied = (async () => {
    while (await queue.take(never));
  })();
  const ended = collect({ environment: 'test', client, meter, queue, clock, log, random: () => 0.5 }, stop.signal);
  for (let second = 0; second <= HOUR_S + 10; second++) {
    await clock.advance(1_000);
    await cable.far.write(sound(second), never);
  }
  stop.abort();
  await ended;
  queue.close();
  await emptied;
  return {
    lines: log.lines.filter(({ level }) => level !== 'debug').map(({ message }) => message),
    figures: meter.status.figures,
  };
}

const p1 = (context: TestContext, open: () => Promise<Link>): Client => p1Client(P1_SETTINGS, context, open);
const plainP1 = (context: TestContext, open: () => Promise<Link>): Client =>
  p1Client({ ...P1_SETTINGS, encryption_key: undefined, authentication_key: undefined }, context, open);
const kamstrup = (context: TestContext, openLink: () => Promise<Link>): Client =>
  createKamstrup({ pollIntervalMs: 10_000, context, openLink });

for (const [what, create, marks] of [
  ['an encrypted P1 port', p1, '\xdb/!\n'],
  ['a plain P1 port', plainP1, '/!\r\n'],
  ['an infrared head', kamstrup, '@?\r\x1b'],
] as const) {
  test(`an hour of pure noise at ${what} is a few lines in the log, and its sum`, async () => {
    const random = randomOf(1);
    const { lines, figures } = await listenForAnHour(create, () => noise(random, 2_000, marks));
    assert.equal(figures.readings, 0);
    assert.ok(figures.faults > 100, `${figures.faults} faults`);
    assert.ok(lines.length < 100, lines.join('\n'));
    assert.match(lines.join('\n'), /^meter failing: /m);
    assert.match(lines.join('\n'), /^.* % of the last [\d,]+ telegrams: .*\?$/m);
  });
}

test('an hour in which a meter comes and goes all the time is a few lines in the log, and its sum', async () => {
  const random = randomOf(2);
  const { lines, figures } = await listenForAnHour(p1, (second) =>
    second % 4 === 3 ? frameOf(second, telegramAt(second)) : noise(random, 300, '\xdb/!'),
  );
  assert.ok(figures.readings > 800);
  assert.ok(lines.length < 40, lines.join('\n'));
  assert.match(lines.join('\n'), /^not understood: 7\d %, .* of the last 1,000 telegrams: line settings, /m);
});

test('telegrams that are damaged now and then are one line an hour', async () => {
  const { lines, figures } = await listenForAnHour(plainP1, (second) => {
    const telegram = telegramAt(second);
    return second % 10 === 0 ? flip(telegram, 60) : telegram;
  });
  assert.ok(figures.readings > 3_000);
  assert.deepEqual(lines, ['first reading received', 'CRC errors: 10 % of the last 1,000 telegrams: power supply or cable?']);
});
