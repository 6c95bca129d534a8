import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { receiversOf, openAs } from '../../../../src/clients/p1/receivers.js';
import { p1Client } from '../../../../src/clients/p1/client.js';
import { PRESETS, type Preset } from '../../../../src/clients/p1/line.js';
import type { P1Settings } from '../../../../src/clients/p1/settings.js';
import { ConfigError } from '../../../../src/model/errors.js';
import type { Fault, Reading } from '../../../../src/model/reading.js';
import type { LinkSettings } from '../../../../src/transports/open-link.js';
import { clientContext, type TestContext } from '../../../support/client-context.js';
import { dsmr3, dsmr5, withEvenParity } from '../../../support/dsmr.js';
import { settle } from '../../../support/fake-clock.js';
import { memoryLinks, type MemoryLinks } from '../../../support/memory-link.js';
import { frameOf, KEYS, P1_SETTINGS } from '../../../support/p1.js';
import { receive, sendOn } from '../../../support/uart.js';

const never = new AbortController().signal;

type SerialLink = Extract<P1Settings['link'], { readonly type: 'serial' }>;

const NO_KEYS = { encryption_key: undefined, authentication_key: undefined } as const;

function settingsOf(link: Partial<SerialLink>, changes: Partial<P1Settings> = {}): P1Settings {
  return { ...P1_SETTINGS, ...NO_KEYS, link: { ...(P1_SETTINGS.link as SerialLink), ...link }, ...changes };
}

/** How the port is opened for each line that is tried. */
function lines(settings: P1Settings): string[] {
  return receiversOf(settings, clientContext().log).map(({ line }) => {
    const opened = openAs(settings.link, line);
    assert(opened.type === 'serial');
    return `${opened.baud_rate} ${opened.data_bits} ${opened.parity} ${opened.stop_bits}`;
  });
}

const problemOf = (settings: P1Settings) => {
  try {
    lines(settings);
  } catch (error) {
    assert(error instanceof ConfigError);
    return error.message;
  }
  return undefined;
};

test('without a preset the port is opened for DSMR 4 and later', () => {
  assert.deepEqual(lines(settingsOf({})), ['115200 8 none 1']);
});

const OPENED: Readonly<Record<Preset, readonly string[]>> = {
  auto: ['115200 8 none 1', '9600 8 none 1'],
  dsmr2: ['9600 8 none 1'],
  dsmr3: ['9600 8 none 1'],
  dsmr4: ['115200 8 none 1'],
  dsmr5: ['115200 8 none 1'],
  esmr5: ['115200 8 none 1'],
  emucs: ['115200 8 none 1'],
  smarty: ['115200 8 none 1'],
  t210: ['115200 8 none 1'],
};

for (const preset of Object.keys(PRESETS) as Preset[]) {
  test(`preset "${preset}" opens the port at ${OPENED[preset].join(', then ')}: 7E1 is read as 8N1`, () => {
    assert.deepEqual(lines(settingsOf({ preset })), OPENED[preset]);
  });
}

test('what is set of the line itself counts more than the preset', () => {
  assert.deepEqual(lines(settingsOf({ preset: 'dsmr4', baud_rate: 57_600, stop_bits: 2 })), ['57600 8 none 2']);
  assert.deepEqual(lines(settingsOf({ baud_rate: 9_600, data_bits: 7, parity: 'even' })), ['9600 8 none 1']);
  assert.deepEqual(lines(settingsOf({ baud_rate: 9_600, data_bits: 7, parity: 'odd' })), ['9600 7 odd 1']);
});

test('with a key there is nothing to try: what is sent at 9600 is never encrypted', () => {
  assert.deepEqual(lines(settingsOf({ preset: 'auto' }, { encryption_key: KEYS.encryptionKey })), ['115200 8 none 1']);
  assert.equal(
    problemOf(settingsOf({ preset: 'dsmr2' }, { encryption_key: KEYS.encryptionKey })),
    'client.encryption_key: is set, but a meter that sends 7E1 (DSMR 2 and 3) does not encrypt',
  );
});

test('a line that is to be found cannot be set as well', () => {
  assert.equal(
    problemOf(settingsOf({ preset: 'auto', baud_rate: 9_600 })),
    'client.link.preset: is "auto", which finds the line: remove it, or baud_rate, data_bits, parity and stop_bits',
  );
});

let context: TestContext;
let stop: AbortController;
let items: (Reading | Fault)[];
/** Bits per second of every port that was opened; `cable` is that of the last. */
let opened: number[];
let cable: MemoryLinks;

beforeEach(() => {
  context = clientContext();
  stop = new AbortController();
  items = [];
  opened = [];
});

/** Runs a client that looks for its line. */
async function run(settings = settingsOf({ preset: 'auto' })): Promise<void> {
  const open = (link: LinkSettings) => {
    opened.push(link.type === 'serial' ? link.baud_rate : 0);
    cable = memoryLinks();
    return Promise.resolve(cable.near);
  };
  for await (const item of p1Client(settings, context, open).readings(stop.signal)) items.push(item);
}

/** What arrives when a telegram is sent on a line and read on another. */
async function send(telegram: Uint8Array, baudRate: 9_600 | 115_200): Promise<void> {
  const isRight = opened.at(-1) === baudRate;
  const [sent, received] = isRight ? [4, 4] : baudRate === 9_600 ? [24, 2] : [2, 24];
  const line = sendOn(telegram, { samplesPerBit: sent, evenParity: baudRate === 9_600 });
  await cable.far.write(receive(line, { samplesPerBit: received }), never);
  await settle();
  await context.clock.advance(200);
}

const kinds = () => items.map((item) => (item.kind === 'fault' ? item.what : item.kind));

async function end(running: Promise<void>): Promise<void> {
  stop.abort();
  await running;
}

test('a meter at 9600 7E1 is found after two of its telegrams, remembered and said once', async () => {
  const running = run();
  await settle();
  for (const tens of [1, 2, 3, 4]) await send(dsmr3(tens), 9_600);
  assert.deepEqual(opened, [115_200, 9_600]);
  assert.deepEqual(kinds().slice(0, 2), ['malformed', 'malformed']);
  assert(kinds().slice(2).includes('reading'));
  assert.equal(context.state.get('line'), '9600 7E1');
  assert.deepEqual(
    context.log.of('info').filter((line) => line.includes('check out')),
    ['telegrams check out at 9600 7E1: this is remembered, and tried first from now on'],
  );
  await end(running);
});

test('a meter at 115200 is found at once', async () => {
  const running = run();
  await settle();
  await send(dsmr5(), 115_200);
  assert.deepEqual(opened, [115_200]);
  assert.equal(kinds()[0], 'reading');
  assert.equal(context.state.get('line'), '115200 8N1');
  await end(running);
});

test('what is remembered is tried first, and not said again', async () => {
  context.state.set('line', '9600 7E1');
  const running = run();
  await settle();
  await send(dsmr3(), 9_600);
  assert.deepEqual(opened, [9_600]);
  assert.equal(kinds()[0], 'reading');
  assert.deepEqual(
    context.log.of('info').filter((line) => line.includes('check out')),
    [],
  );
  await end(running);
});

test('a meter that was replaced by one of the other speed is found', async () => {
  context.state.set('line', '9600 7E1');
  const running = run();
  await settle();
  for (let sent = 0; sent < 7; sent++) await send(dsmr5(), 115_200);
  assert.deepEqual(opened, [9_600, 115_200]);
  assert.equal(kinds().at(-1), 'reading');
  assert.equal(context.state.get('line'), '115200 8N1');
  await end(running);
});

test('a line that says nothing is given a period and a half, then the other one', async () => {
  const running = run();
  await settle();
  await context.clock.advance(14_999);
  assert.deepEqual(opened, [115_200]);
  await context.clock.advance(1);
  assert.deepEqual(opened, [115_200, 9_600]);
  await context.clock.advance(15_000);
  assert.deepEqual(opened, [115_200, 9_600, 115_200]);
  assert.deepEqual(items, []);
  await end(running);
});

test('the rest of a telegram that had begun before speaks against no line', async () => {
  const running = run();
  await settle();
  await send(dsmr5().subarray(300), 115_200);
  await send(dsmr5(), 115_200);
  assert.deepEqual(opened, [115_200]);
  assert.deepEqual(kinds().slice(0, 2), ['malformed', 'reading']);
  await end(running);
});

test('a signal without an inverter speaks against no line: it says what it is', async () => {
  const running = run();
  await settle();
  const heard = receive(sendOn(dsmr5(), { samplesPerBit: 4, inverted: true }), { samplesPerBit: 4 });
  for (let sent = 0; sent < 4; sent++) {
    await cable.far.write(heard, never);
    await context.clock.advance(200);
  }
  assert.deepEqual(opened, [115_200]);
  assert.deepEqual(
    items.map((item) => item.kind === 'fault' && item.detail.includes('the signal is inverted')),
    [true, true, true, true],
  );
  await end(running);
});

test('a meter that encrypts is understood well enough to stay with its line', async () => {
  const running = run();
  await settle();
  for (const counter of [1, 2, 3]) await send(frameOf(counter), 115_200);
  assert.deepEqual(opened, [115_200]);
  assert.deepEqual(kinds(), ['encrypted', 'encrypted', 'encrypted']);
  await end(running);
});

test('telegrams of DSMR 3 over TCP are read whether their parity was taken away or not', async () => {
  const settings = settingsOf({}, { link: { type: 'tcp', host: 'adapter', port: 2001, preset: 'dsmr3' } });
  const running = run(settings);
  await settle();
  for (const telegram of [dsmr3(1), withEvenParity(dsmr3(2)), dsmr3(3)]) await cable.far.write(telegram, never);
  await settle();
  assert.ok(items.every(({ kind }) => kind === 'reading'));
  assert.equal(kinds()[0], 'reading');
  await end(running);
});

test('over TCP what kind of meter it is can be found as well', async () => {
  const running = run(settingsOf({}, { link: { type: 'tcp', host: 'adapter', port: 2001, preset: 'auto' } }));
  await settle();
  for (const tens of [1, 2, 3]) {
    await cable.far.write(dsmr3(tens), never);
    await settle();
  }
  assert.equal(context.state.get('line'), '9600 7E1');
  await end(running);
});

test('a telegram without a CRC is refused where the meter is none of DSMR 2 and 3', async () => {
  const running = run(settingsOf({}));
  await settle();
  await cable.far.write(dsmr3(), never);
  await settle();
  assert.deepEqual(kinds(), ['checksum']);
  await end(running);
});
