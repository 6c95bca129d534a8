import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainDecoder } from '../../../../src/codecs/p1/frame.js';
import { explainNoise, isInverted } from '../../../../src/codecs/p1/noise.js';
import { randomFrom } from '../../../../src/simulators/random.js';
import { decode, telegramOf } from '../../../support/p1.js';
import { DSMR_3, DSMR_5 } from '../../../support/dsmr.js';
import { receive, sendOn } from '../../../support/uart.js';

const receivers = [
  ['that drops what has no stop bit', {}],
  ['that keeps what has no stop bit', { keepsBroken: true }],
  ['that takes a missing stop bit for a start bit', { resyncs: true }],
  ['that keeps it and takes it for a start bit', { keepsBroken: true, resyncs: true }],
] as const;

const lines = [
  ['8N1', DSMR_5, { evenParity: false }],
  ['7E1', DSMR_3, { evenParity: true }],
] as const;

test('the simulated line carries characters as they are', () => {
  for (const idleBits of [0, 1, 7]) {
    assert.deepEqual(Buffer.from(receive(sendOn(DSMR_5, { samplesPerBit: 4, idleBits }), { samplesPerBit: 4 })), DSMR_5);
  }
});

for (const [format, telegram, signal] of lines) {
  for (const [what, receiver] of receivers) {
    test(`a signal of ${format} without an inverter is recognised, by a serial input ${what}`, () => {
      const line = sendOn(telegram, { samplesPerBit: 4, inverted: true, ...signal });
      assert.ok(isInverted(receive(line, { samplesPerBit: 4, ...receiver })));
    });
  }

  test(`a signal of ${format} with an inverter is not taken for one without`, () => {
    assert.ok(!isInverted(receive(sendOn(telegram, { samplesPerBit: 4, ...signal }), { samplesPerBit: 4 })));
  });

  for (const [what, sent, received] of [
    ['twelve times too fast', 24, 2],
    ['twelve times too slow', 2, 24],
    ['twice too fast', 8, 4],
  ] as const) {
    test(`a signal of ${format} that is read ${what} is not taken for one without an inverter`, () => {
      for (const [, receiver] of receivers) {
        const line = sendOn(telegram, { samplesPerBit: sent, ...signal });
        assert.ok(!isInverted(receive(line, { samplesPerBit: received, ...receiver })));
      }
    });
  }
}

test('noise is not taken for a signal without an inverter', () => {
  const random = randomFrom(1);
  for (let round = 0; round < 100; round++)
    assert.ok(!isInverted(Uint8Array.from({ length: 500 }, () => Math.floor(random() * 256))));
});

test('one of a few bytes, or of breaks, tells nothing', () => {
  assert.ok(!isInverted(new Uint8Array(1_000)));
  assert.ok(!isInverted(receive(sendOn(DSMR_5.subarray(0, 60), { samplesPerBit: 4, inverted: true }), { samplesPerBit: 4 })));
});

test('a decoder says that the signal is inverted, and what to do', () => {
  const heard = receive(sendOn(telegramOf(621), { samplesPerBit: 4, inverted: true }), { samplesPerBit: 4 });
  const [finding, ...others] = decode(plainDecoder(), heard);
  assert.ok(finding?.kind === 'error');
  assert.match(
    finding.detail,
    /^\d+ bytes without the start of a frame: the signal is inverted\. The data line of a P1 port needs an inverter/,
  );
  assert.deepEqual(others, []);
});

test('characters with a parity bit are recognised', () => {
  const heard = receive(sendOn(DSMR_3, { samplesPerBit: 4, evenParity: true }), { samplesPerBit: 4 });
  assert.match(explainNoise(heard), /^they are characters with a parity bit/);
});
