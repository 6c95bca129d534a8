import assert from 'node:assert/strict';
import { test } from 'node:test';
import { p1Client } from '../../../src/clients/p1/client.js';
import { encryptedDecoder } from '../../../src/codecs/p1/encrypted.js';
import { plainDecoder } from '../../../src/codecs/p1/frame.js';
import type { Fault, Reading } from '../../../src/model/reading.js';
import { T210, type T210Fault, type T210Transmission } from '../../../src/simulators/t210.js';
import { FIRST_VALUES } from '../../../src/simulators/t210-values.js';
import { clientContext } from '../../support/client-context.js';
import { FakeClock, settle } from '../../support/fake-clock.js';
import { memoryLinks } from '../../support/memory-link.js';
import { briefly, decode, KEYS, P1_SETTINGS } from '../../support/p1.js';

const NOW = Date.parse('2026-01-15T11:00:00Z');

test('an encrypted frame is as long as that of the real meter', () => {
  assert.equal(new T210({ keys: KEYS }).transmit(NOW).bytes.length, 511);
});

test('without keys it sends the telegram of the real meter, with what it was told to say', () => {
  const meter = new T210();
  meter.values = { ...FIRST_VALUES, '1-0:1.7.0': 621 };
  const text = Buffer.from(meter.transmit(NOW).bytes).toString('latin1');
  assert.equal(text.length, 481);
  assert.match(
    text,
    /^\/EST5\\253700000_A\r\n\r\n1-3:0\.2\.8\(50\)\r\n0-0:1\.0\.0\(260115120000W\)\r\n1-0:1\.8\.0\(004204204\*Wh\)\r\n/,
  );
  assert.match(text, /\r\n1-0:1\.7\.0\(000000621\*W\)\r\n/);
  assert.match(text, /\r\n1-0:4\.7\.0\(000000160\*var\)\r\n![0-9A-F]{4}\r\n$/);
});

test('the same seed makes the same transmissions', () => {
  const bytesOf = (seed: number) => {
    const meter = new T210({ keys: KEYS, seed });
    const faults = [undefined, 'corrupt', 'noise', 'truncate', undefined] as const;
    return faults.map((fault) => Buffer.from(meter.transmit(NOW, fault).bytes).toString('hex'));
  };
  assert.deepEqual(bytesOf(7), bytesOf(7));
  assert.notDeepEqual(bytesOf(7), bytesOf(8));
});

test('totals only rise', () => {
  const meter = new T210();
  for (let telegram = 0; telegram < 1_000; telegram++) {
    const before = meter.values;
    meter.transmit(NOW);
    for (const register of ['1-0:1.8.0', '1-0:1.8.1', '1-0:2.8.0', '1-0:4.8.0'] as const) {
      assert(meter.values[register] >= before[register]);
    }
  }
});

const faults: readonly (readonly [T210Fault, readonly (number | string)[]])[] = [
  ['corrupt', [1, 'checksum', 3]],
  ['truncate', [1, 'truncated', 3]],
  ['glue', [1, 2, 3, 4]],
  ['noise', [1, 2, 3]],
  ['silence', [1, 3]],
  // Whether a counter was seen before is not the decoder's business.
  ['replay', [1, 1, 2]],
  ['wrong-encryption-key', [1, 'checksum', 3]],
  ['wrong-authentication-key', [1, 'checksum', 3]],
];

for (const [fault, expected] of faults) {
  test(`${fault} does what it says`, () => {
    const meter = new T210({ keys: KEYS, frameCounter: 1, seed: 3 });
    const decoder = encryptedDecoder(KEYS);
    const sent = [undefined, fault, undefined].map((each) => meter.transmit(NOW, each));
    assert.deepEqual(
      sent.flatMap(({ bytes }) => briefly(decode(decoder, bytes))),
      expected,
    );
  });
}

test('a damaged unencrypted telegram never passes', () => {
  const meter = new T210();
  for (let telegram = 0; telegram < 500; telegram++) {
    const { bytes } = meter.transmit(NOW, telegram % 2 ? 'corrupt' : 'truncate');
    assert(decode(plainDecoder(), bytes).every(({ kind }) => kind === 'error'));
  }
});

test('a client reads every telegram that arrives intact, with its values and in order, and nothing else', async () => {
  const clock = new FakeClock();
  const context = { ...clientContext(), clock };
  const { near, far } = memoryLinks();
  const stop = new AbortController();
  const meter = new T210({ keys: KEYS, seed: 5 });
  const plan = [
    undefined,
    'corrupt',
    'glue',
    'noise',
    'truncate',
    undefined,
    'silence',
    'replay',
    undefined,
    'wrong-encryption-key',
  ] as const;
  const sent: T210Transmission[] = [];
  const items: (Reading | Fault)[] = [];
  const reading = (async () => {
    for await (const item of p1Client(P1_SETTINGS, context, () => Promise.resolve(near)).readings(stop.signal)) items.push(item);
  })();
  const running = meter.run(
    far,
    { clock, intervalMs: 10_000, fault: (transmission) => plan[transmission % plan.length], onSent: (each) => sent.push(each) },
    stop.signal,
  );
  for (let period = 0; period < 100; period++) await clock.advance(10_000);
  stop.abort();
  await Promise.all([reading, running]);
  await settle();

  const read = items.flatMap((item) =>
    item.kind === 'reading' ? [[item.measuredAt, item.values['energy/imported-total']]] : [],
  );
  const meant = sent.flatMap(({ telegrams }) => telegrams.map(({ measuredAt, values }) => [measuredAt, values['1-0:1.8.0']]));
  assert.equal(sent.length, 101);
  assert.deepEqual(read, meant);
  // What is left of a cut frame may be too short to be told from noise.
  const isTold = ({ fault, bytes }: T210Transmission) =>
    !['glue', 'noise', 'silence', undefined].includes(fault) && bytes.length >= 32;
  assert.equal(items.filter(({ kind }) => kind === 'fault').length, sent.filter(isTold).length);
});
