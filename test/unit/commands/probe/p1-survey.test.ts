import assert from 'node:assert/strict';
import { test } from 'node:test';
import { P1Survey } from '../../../../src/commands/probe/p1-survey.js';
import { plainDecoder } from '../../../../src/codecs/p1/frame.js';
import { dsmr5 } from '../../../support/dsmr.js';
import { decode, flip, frameOf, TITLE_TEXT } from '../../../support/p1.js';

function survey(...heard: readonly (readonly [bytes: Uint8Array, at: number])[]): P1Survey {
  const decoder = plainDecoder();
  const learned = new P1Survey();
  for (const [bytes, at] of heard) for (const finding of decode(decoder, bytes)) learned.add(finding, at);
  return learned;
}

test('of plain telegrams it learns the meter, its pace, and which objects change', () => {
  const meter = survey([dsmr5(193), 0], [dsmr5(200), 1_010], [dsmr5(200), 1_990], [dsmr5(201), 4_000]).meter();
  const { objects, ...rest } = meter;
  assert.deepEqual(rest, {
    encrypted: false,
    manufacturer: 'Iskraemeco',
    model: 'ISK5\\2M550T-0000',
    serial: '1234567890123456',
    telegrams: 4,
    damaged: 0,
    everySeconds: 1,
  });
  assert.deepEqual(
    objects.find(({ obis }) => obis === '1-0:1.7.0'),
    { obis: '1-0:1.7.0', property: 'power/current-usage', contents: ['00.201*kW'], seen: 4, changed: 2 },
  );
  assert.equal(objects.find(({ obis }) => obis === '0-1:24.2.1')?.property, 'sub-meter 1: reading');
});

test('of encrypted ones it learns whose they are', () => {
  assert.deepEqual(survey([frameOf(1), 0], [frameOf(2), 10_000]).meter(), {
    encrypted: true,
    manufacturer: 'Sagemcom',
    serial: TITLE_TEXT,
    telegrams: 2,
    damaged: 0,
    everySeconds: 10,
    objects: [],
  });
});

test('damaged ones are counted from the first telegram on, and said why', () => {
  const damaged = flip(dsmr5(), 100);
  const learned = survey([damaged, 0], [dsmr5(), 1_000], [damaged, 2_000], [damaged, 3_000]);
  assert.equal(learned.meter().damaged, 2);
  assert.equal(learned.meter().everySeconds, undefined);
  assert.match(learned.complaint ?? '', /CRC16 of the telegram does not match/);
});

test('of nothing it learns nothing', () => {
  assert.deepEqual(new P1Survey().meter(), { encrypted: false, telegrams: 0, damaged: 0, objects: [] });
});
