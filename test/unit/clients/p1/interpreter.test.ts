import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Interpreter } from '../../../../src/clients/p1/interpreter.js';
import { closeTelegram } from '../../../../src/codecs/p1/encode.js';
import type { P1Frame } from '../../../../src/codecs/p1/frame.js';
import type { Fault, Reading } from '../../../../src/model/reading.js';
import { clientContext, type TestContext } from '../../../support/client-context.js';
import { P1_SETTINGS, TITLE_TEXT, telegramOf } from '../../../support/p1.js';

const RECEIVED = Date.parse('2026-01-15T11:00:01Z');

let context: TestContext;
let interpreter: Interpreter;

beforeEach(() => {
  context = clientContext();
  interpreter = new Interpreter(context, P1_SETTINGS);
});

const interpret = (frame: P1Frame): Reading | Fault => {
  const [item, ...others] = interpreter.interpret({ kind: 'frame', frame }, RECEIVED);
  assert(item);
  assert.deepEqual(others, []);
  return item;
};

const plain = (telegram: Uint8Array) => interpret({ telegram });

const sealed = (frameCounter: number, telegram = telegramOf(621), systemTitle = TITLE_TEXT) =>
  interpret({ telegram, ciphering: { systemTitle, frameCounter } });

function readingOf(item: Reading | Fault): Reading {
  assert(item.kind === 'reading', item.kind === 'fault' ? item.detail : '');
  return item;
}

const lines = (...objects: string[]) =>
  closeTelegram(`/EST5\\253700000_A\r\n\r\n${objects.map((object) => `${object}\r\n`).join('')}!`);

test('a telegram is a reading with its values, its time and the time it came', () => {
  const { device, ...reading } = readingOf(sealed(1));
  assert.deepEqual(reading, {
    kind: 'reading',
    measuredAt: Date.parse('2026-01-15T11:00:00Z'),
    receivedAt: RECEIVED,
    values: {
      'energy/imported-total': 326641,
      'power/current-usage': 621,
      'power/current-delivery': 0,
      'power/net-usage': 621,
      'identity/version': '50',
    },
  });
  assert.equal(device.id, 'meter');
  assert.equal(device.name, 'A meter');
  assert.equal(device.model, 'EST5\\253700000_A');
  assert.equal(device.serial, TITLE_TEXT);
});

test('the device has the nodes and properties that the telegram shows', () => {
  const { nodes } = readingOf(sealed(1)).device;
  const shown = Object.entries(nodes).map(([node, { properties }]) => [node, Object.keys(properties)]);
  assert.deepEqual(shown, [
    ['energy', ['imported-total']],
    ['power', ['current-usage', 'current-delivery', 'net-usage']],
    ['identity', ['version']],
  ]);
});

test('the device is the same object while the telegram has the same shape', () => {
  const first = readingOf(sealed(1, telegramOf(1))).device;
  assert.equal(readingOf(sealed(2, telegramOf(2))).device, first);
  assert.notEqual(readingOf(sealed(3, lines('1-0:1.7.0(000000003*W)'))).device, first);
});

test('a serial number in the telegram goes before the system title', () => {
  assert.equal(readingOf(sealed(1, lines('0-0:96.1.1(3132333435)', '1-0:1.7.0(1*W)'))).device.serial, '12345');
});

test('an unencrypted meter that does not say its serial number has none', () => {
  assert.equal('serial' in readingOf(plain(telegramOf(621))).device, false);
});

test('a control character in the identification is not part of the model', () => {
  const telegram = closeTelegram('/ISk5\x02MT382\r\n\r\n1-0:1.7.0(1*W)\r\n!');
  assert.equal(readingOf(plain(telegram)).device.model, 'ISk5MT382');
});

test('a meter whose clock was never set has no time', () => {
  assert.equal('measuredAt' in readingOf(sealed(1, telegramOf(621, '000101000000W'))), false);
});

test('a letter that contradicts the season counts as standard time, said once', () => {
  const readings = [1, 2].map((counter) => readingOf(sealed(counter, telegramOf(621, '260115120000S'))));
  assert.deepEqual(
    readings.map(({ measuredAt }) => measuredAt),
    [Date.parse('2026-01-15T11:00:00Z'), Date.parse('2026-01-15T11:00:00Z')],
  );
  assert.deepEqual(context.log.of('warn'), [
    'the meter says summer time (260115120000S) when Europe/Vienna has none: taken as standard time; is client.time_zone right?',
  ]);
});

test('what cannot be read is left out, and said once', () => {
  const telegram = lines('1-0:1.7.0(000000621*W)', '1-0:3.7.0(00.07)', '1-0:99.9.9(1)');
  for (const counter of [1, 2]) assert.deepEqual(readingOf(sealed(counter, telegram)).values, { 'power/current-usage': 621 });
  assert.deepEqual(context.log.of('warn'), ['object 1-0:3.7.0(00.07) is left out: unknown unit']);
  assert.deepEqual(context.log.of('info'), [
    'object 1-0:99.9.9(1) is left out: unknown object; client.raw = true has it published',
  ]);
});

test('a telegram without any known object is a fault', () => {
  const fault = plain(lines('7-0:99.9.9(1*m3)'));
  assert(fault.kind === 'fault');
  assert.equal(`${fault.what}: ${fault.detail}`, 'malformed: the telegram has no object of an electricity meter');
});

test('an error of the decoder is a fault of the device', () => {
  const bytes = Uint8Array.of(1, 2);
  assert.deepEqual(interpreter.interpret({ kind: 'error', what: 'checksum', detail: 'damaged', bytes }, RECEIVED), [
    {
      kind: 'fault',
      device: 'meter',
      at: RECEIVED,
      what: 'checksum',
      detail: 'damaged',
      bytes,
    },
  ]);
});

test('a replayed frame is a fault and gives no value', () => {
  sealed(5726);
  assert.deepEqual(sealed(5726), {
    kind: 'fault',
    device: 'meter',
    at: RECEIVED,
    what: 'replayed',
    detail: 'frame counter 5726 after 5726',
  });
});

test('missing frames are counted as lost', () => {
  for (const counter of [10, 11, 15, 16, 18]) sealed(counter);
  assert.equal(context.lost, 4);
});

test('the last counter and its meter time are remembered over a restart', () => {
  sealed(5726);
  assert.deepEqual(context.state.get(`frame-counter/${TITLE_TEXT}`), {
    counter: 5726,
    measuredAt: Date.parse('2026-01-15T11:00:00Z'),
  });
  interpreter = new Interpreter(context, P1_SETTINGS);
  assert.equal(sealed(5726).kind, 'fault');
  assert.equal(sealed(5730).kind, 'reading');
  assert.equal(context.lost, 0);
});

test('a remembered counter of another shape is no counter', () => {
  context.state.set(`frame-counter/${TITLE_TEXT}`, 'five');
  assert.equal(sealed(1).kind, 'reading');
});

test('another meter has a counter of its own', () => {
  sealed(5726);
  assert.equal(sealed(1, telegramOf(621), '5341473500FFFFFF').kind, 'reading');
  assert.equal(sealed(5726).kind, 'fault');
});
