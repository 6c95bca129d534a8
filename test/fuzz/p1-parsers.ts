import { mapTelegram } from '../../src/clients/p1/map.js';
import { encryptedDecoder } from '../../src/codecs/p1/encrypted.js';
import { MAX_FRAME_BYTES } from '../../src/codecs/p1/extent.js';
import { plainDecoder } from '../../src/codecs/p1/frame.js';
import { parseTelegram, type TelegramObject } from '../../src/codecs/p1/telegram.js';
import { stampReader } from '../../src/codecs/p1/time.js';
import { encodeApdu } from '../../src/codecs/dlms/encode.js';
import { KEYS, TITLE } from '../support/p1.js';
import { framesOf, Violation } from './feed.js';
import { mutate } from './mutate.js';
import { closed, makeP1, p1Token } from './p1-frames.js';
import { isRight, numberIn, numbersOf } from './p1-oracle.js';
import { instantOf } from './stamp-oracle.js';
import { randomOf, type Random } from './random.js';
import type { ParserTarget } from './target.js';

/** Where each object belongs by the topic contract, and its unit. */
const OBJECTS = [
  ['energy/imported-total', '1-0:1.8.0', 'Wh'],
  ['energy/used-tariff-1', '1-0:1.8.1', 'Wh'],
  ['energy/used-tariff-2', '1-0:1.8.2', 'Wh'],
  ['power/current-usage', '1-0:1.7.0', 'W'],
  ['energy/delivered-total', '1-0:2.8.0', 'Wh'],
  ['energy/delivered-tariff-1', '1-0:2.8.1', 'Wh'],
  ['energy/delivered-tariff-2', '1-0:2.8.2', 'Wh'],
  ['power/current-delivery', '1-0:2.7.0', 'W'],
  ['energy/reactive-imported-total', '1-0:3.8.0', 'varh'],
  ['power/reactive-import', '1-0:3.7.0', 'var'],
  ['energy/reactive-exported-total', '1-0:4.8.0', 'varh'],
  ['power/reactive-export', '1-0:4.7.0', 'var'],
] as const;

/** What reads the inside of telegrams. */
export const P1_PARSERS: readonly ParserTarget[] = [
  { name: 'P1, damaged before its CRC was made', examine: examineDamaged },
  { name: 'P1, damaged before it was encrypted', examine: examineDamagedInside },
  { name: 'P1, lines', examine: examineLines },
  { name: 'P1, numbers', examine: examineNumber },
  { name: 'P1, stamps', examine: examineStamp },
];

/** A telegram whose content is not what a meter writes, with a right CRC: each value stands in it, as the second implementation reads it. */
function examineDamaged(random: Random): void {
  const damaged = damagedText(random);
  const telegram = closed(`/EST5${damaged.slice(5)}\r\n!`, random);
  for (const frame of framesOf(plainDecoder(), [telegram, 'idle'], MAX_FRAME_BYTES)) checkValues(frame.telegram);
}

/** A telegram that was damaged within the meter: its tag is right, so its CRC16 decides. */
function examineDamagedInside(random: Random): void {
  const plaintext = random.oneIn(8) ? closed(damagedText(random), random) : Buffer.from(damagedText(random), 'latin1');
  const frame = encodeApdu({ systemTitle: TITLE, frameCounter: 1, plaintext, keys: KEYS });
  for (const { telegram } of framesOf(encryptedDecoder(KEYS), [frame, 'idle'], MAX_FRAME_BYTES)) {
    if (!isRight(Buffer.from(telegram).toString('latin1')))
      throw new Violation(`a telegram whose CRC16 is wrong: ${Buffer.from(telegram).toString('latin1')}`);
    checkValues(telegram);
  }
}

/** Telegrams to damage. */
const TELEGRAMS = Array.from({ length: 64 }, (_, number) => makeP1(randomOf(number), number, false).wire) as [
  Uint8Array,
  ...Uint8Array[],
];

function damagedText(random: Random): string {
  const damaged = mutate(random.pick(TELEGRAMS), { random, other: random.pick(TELEGRAMS), token: p1Token });
  return Buffer.from(damaged.subarray(0, 4_000)).toString('latin1');
}

function checkValues(telegram: Uint8Array): void {
  const text = Buffer.from(telegram).toString('latin1');
  const { values } = mapTelegram(parseTelegram(telegram));
  for (const [path, obis, base] of OBJECTS) {
    const value = values[path];
    // Some meters write 1-1: where others write 1-0:.
    const sent = [obis, obis.replace('1-0:', '1-1:')].flatMap((code) => numbersOf(text, code, base));
    if (typeof value === 'number' && !sent.includes(value)) throw new Violation(`${path} ${value} out of ${text}`);
  }
  const { 'power/current-usage': usage, 'power/current-delivery': delivery, 'power/net-usage': net } = values;
  const expected = typeof usage === 'number' && typeof delivery === 'number' ? usage - delivery : undefined;
  if (net !== expected) throw new Violation(`net usage ${net} out of ${text}`);
}

/** Lines of which each is known for what it is. */
function examineLines(random: Random): void {
  const expected: TelegramObject[] = [];
  const lines = Array.from({ length: random.below(12) }, () => {
    const obis = `${random.below(10)}-${random.below(10)}:${random.below(100)}.${random.below(100)}.${random.below(255)}`;
    const contents = Array.from({ length: 1 + random.below(3) }, () => random.below(1e9).toString(36).repeat(random.below(3)));
    const brackets = contents.map((content) => `(${content})`).join('');
    const line = random.pick(LINES)(obis, brackets);
    if (line.isObject) expected.push({ obis, contents });
    return line.text;
  });
  const telegram = closed(['/EST5\\2', '', ...lines, '!'].join('\r\n'), random);
  const { objects } = parseTelegram(telegram);
  if (JSON.stringify(objects) === JSON.stringify(expected)) return;
  throw new Violation(`${JSON.stringify(objects)} out of ${Buffer.from(telegram).toString('latin1')}`);
}

/** Ways in which an object stands in a telegram, or does not. */
const LINES: readonly [WriteLine, ...WriteLine[]] = [
  (obis, brackets) => ({ text: `${obis}${brackets}`, isObject: true }),
  (obis, brackets) => ({ text: `${obis}*255${brackets}`, isObject: true }),
  (obis, brackets) => ({ text: `${obis}${brackets.replace(/.$/, '\r\n)')}`, isObject: true }),
  (obis, brackets) => ({ text: `${obis}${brackets}\r\n`, isObject: true }),
  (obis) => ({ text: obis, isObject: false }),
  (obis, brackets) => ({ text: `x${obis}${brackets}`, isObject: false }),
  (_, brackets) => ({ text: `\xb3\xff${brackets}`, isObject: false }),
  () => ({ text: 'some text', isObject: false }),
];

type WriteLine = (obis: string, brackets: string) => { readonly text: string; readonly isObject: boolean };

const NUMBER_PARTS = [
  '0',
  '1',
  '9',
  '00',
  '123',
  '999999999',
  '.',
  '.',
  '-',
  '*',
  'k',
  'K',
  'W',
  'w',
  'Wh',
  'kW',
  'e',
  ' ',
  '+',
  '\xb3',
];

function examineNumber(random: Random): void {
  const [first = '', ...others] = NUMBER_PARTS;
  const content =
    Array.from({ length: 1 + random.below(6) }, () => random.pick([first, ...others])).join('') + random.pick(['', '*W', '*kW']);
  const telegram = Buffer.from(`/EST5\r\n\r\n1-0:1.7.0(${content})\r\n!`, 'latin1');
  const value = mapTelegram(parseTelegram(telegram)).values['power/current-usage'];
  const expected = numberIn(content, 'W');
  if (value !== expected) throw new Violation(`${value} instead of ${expected} out of ${content}`);
}

const readStamp = stampReader('Europe/Vienna');

function examineStamp(random: Random): void {
  const digits = [random.below(100), random.below(14), random.below(33), random.below(26), random.below(62), random.below(62)];
  const stamp =
    digits.map((number) => String(number).padStart(2, '0')).join('') + random.pick(['S', 'W', 'S', 'W', 's', '', 'X']);
  const [found, expected] = [readStamp(stamp)?.instant, instantOf(stamp)];
  if (found !== expected) throw new Violation(`${stamp} is ${found} instead of ${expected}`);
}
