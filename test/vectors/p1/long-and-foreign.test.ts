import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Interpreter } from '../../../src/clients/p1/interpreter.js';
import { closeTelegram } from '../../../src/codecs/p1/encode.js';
import { MAX_FRAME_BYTES } from '../../../src/codecs/p1/extent.js';
import { plainDecoder } from '../../../src/codecs/p1/frame.js';
import { clientContext } from '../../support/client-context.js';
import { P1_SETTINGS, briefly, decode, telegramOf } from '../../support/p1.js';

/** A telegram with the monthly peaks of so many months, as Belgian meters add one each month. */
function telegramWithHistory(months: number): Uint8Array {
  const peaks = '(230202114500W)(230201000000W)(04.329*kW)'.repeat(months);
  const history = `0-0:98.1.0(${months})(1-0:1.6.0)(1-0:1.6.0)${peaks}`;
  return closeTelegram(`/FLU5\\253769484_A\r\n\r\n1-0:1.7.0(00.621*kW)\r\n${history}\r\n!`);
}

test('a telegram that grows from month to month is read whatever its length, up to that of the longest frame', () => {
  for (const months of [0, 13, 35, 36, 37, 100, 190]) {
    const telegram = telegramWithHistory(months);
    assert.ok(telegram.length < MAX_FRAME_BYTES);
    const found = briefly(decode(plainDecoder(), telegram));
    assert.deepEqual(found, [Buffer.from(telegram).toString('latin1').trimEnd()], `${telegram.length} bytes`);
  }
});

for (const [what, byte] of [
  ['³ in Latin-1', '\xb3'],
  ['a Telnet command of a bridge', '\xff'],
  ['a NUL', '\0'],
] as const) {
  test(`a byte that is not ASCII (${what}) costs the telegram that it got into, and no more`, () => {
    const telegram = Buffer.from(telegramOf(621));
    const foreign = Buffer.concat([telegram.subarray(0, 70), Buffer.from(byte, 'latin1'), telegram.subarray(70)]);
    const found = briefly(decode(plainDecoder(), foreign, telegramOf(7)));
    assert.deepEqual(found, ['checksum', Buffer.from(telegramOf(7)).toString('latin1').trimEnd()]);
  });
}

test('a meter that sends such bytes itself, under a right CRC, is read but for the object that holds them', () => {
  const telegram = closeTelegram(
    '/EST5\\2\r\n\r\n1-0:1.7.0(000000621*W)\r\n1-0:2.7.0(00\xff000007*W)\r\n0-1:24.2.1(00001.001*m\xb3)\r\n!',
  );
  const [finding] = decode(plainDecoder(), telegram);
  assert.ok(finding);
  const [reading] = new Interpreter(clientContext(), P1_SETTINGS).interpret(finding, 0);
  assert.deepEqual(reading?.kind === 'reading' && reading.values, { 'power/current-usage': 621 });
});
