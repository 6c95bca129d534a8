import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTelegram, type TelegramObject } from '../../../../src/codecs/p1/telegram.js';

const parse = (...lines: string[]) => parseTelegram(Buffer.from(lines.join('\r\n'), 'latin1'));

const objectsOf = (...lines: string[]): readonly TelegramObject[] => parse('/EST5\\253700000_A', '', ...lines, '!0000').objects;

test('the header line without its slash is the identification', () => {
  assert.equal(parse('/EST5\\253700000_A', '', '!0000').identification, 'EST5\\253700000_A');
});

test('an object is its code and what is in its bracket', () => {
  assert.deepEqual(objectsOf('1-0:1.8.0(000326641*Wh)'), [{ obis: '1-0:1.8.0', contents: ['000326641*Wh'] }]);
});

test('an object has as many contents as brackets', () => {
  assert.deepEqual(objectsOf('0-1:24.2.1(101209110000W)(12785.123*m3)'), [
    { obis: '0-1:24.2.1', contents: ['101209110000W', '12785.123*m3'] },
  ]);
});

test('an empty bracket is an empty content', () => {
  assert.deepEqual(objectsOf('0-0:96.13.0()'), [{ obis: '0-0:96.13.0', contents: [''] }]);
});

test('the blank line after the header may be missing, and one before the end may be there', () => {
  const { objects } = parse('/EST5\\253700000_A', '1-0:1.7.0(000000621*W)', '', '!0000');
  assert.deepEqual(objects, [{ obis: '1-0:1.7.0', contents: ['000000621*W'] }]);
});

test('lines may end with a line feed alone', () => {
  const { objects } = parseTelegram(Buffer.from('/EST5\\253700000_A\n\n1-0:1.7.0(000000621*W)\n!0000', 'latin1'));
  assert.deepEqual(objects, [{ obis: '1-0:1.7.0', contents: ['000000621*W'] }]);
});

for (const obis of ['1-0:1.8.0*255', '1-0:1.8.0.255']) {
  test(`${obis} is 1-0:1.8.0`, () => {
    assert.deepEqual(objectsOf(`${obis}(1*Wh)`), [{ obis: '1-0:1.8.0', contents: ['1*Wh'] }]);
  });
}

for (const obis of ['1-0:1.8.0*01', '1-0:1.8.255']) {
  test(`${obis} stays as it is`, () => {
    assert.deepEqual(objectsOf(`${obis}(1*Wh)`), [{ obis, contents: ['1*Wh'] }]);
  });
}

test('brackets that stand alone on the next line belong to the object before', () => {
  assert.deepEqual(objectsOf('0-1:24.3.0(120517020000)(08)(60)(1)(0-1:24.2.1)(m3)', '(00001.001)'), [
    { obis: '0-1:24.3.0', contents: ['120517020000', '08', '60', '1', '0-1:24.2.1', 'm3', '00001.001'] },
  ]);
});

test('a text that goes on in the next line is one text', () => {
  assert.deepEqual(objectsOf('0-0:96.13.0(303132', '333435)', '1-0:1.7.0(000000621*W)'), [
    { obis: '0-0:96.13.0', contents: ['303132333435'] },
    { obis: '1-0:1.7.0', contents: ['000000621*W'] },
  ]);
});

test('a bracket that is never closed costs its own line only', () => {
  const { objects, skippedLines } = parse('/EST5', '', '0-0:96.13.0(303132', '1-0:1.7.0(000000621*W)', '1-0:2.7.0(0', '!0000');
  assert.deepEqual(objects, [{ obis: '1-0:1.7.0', contents: ['000000621*W'] }]);
  assert.deepEqual(skippedLines, ['0-0:96.13.0(303132', '1-0:2.7.0(0']);
});

for (const line of [
  '1-0:99:97.0(2)(0:96.7.19)',
  '1-0:72:32.0(00000)',
  '1 -3:0.2.8(40)',
  '1-0:1.8(1)',
  '1-0:1.8.0.1.2(1)',
  '1-0:1.8.0:255(1)',
  '1-0:1000.8.0(1)',
  'some text',
  '(1)',
  ')(',
  '1-0:1.8.0',
]) {
  test(`the line ${line} is skipped, and told`, () => {
    const { objects, skippedLines } = parse('/EST5', '', line, '1-0:1.7.0(000000621*W)', '!0000');
    assert.deepEqual(objects, [{ obis: '1-0:1.7.0', contents: ['000000621*W'] }]);
    assert.deepEqual(skippedLines, [line]);
  });
}

test('brackets that stand alone after a line that is no object belong to none', () => {
  const { objects, skippedLines } = parse('/EST5', '1-0:1.7.0(1*W)', 'some text', '(2)', '(3)', '!0000');
  assert.deepEqual(objects, [{ obis: '1-0:1.7.0', contents: ['1*W'] }]);
  assert.deepEqual(skippedLines, ['some text', '(2)', '(3)']);
});

test('what stands behind the end is no part of it', () => {
  assert.deepEqual(parse('/EST5', '1-0:1.7.0(1*W)', '!0000', '1-0:2.7.0(1*W)').objects, [
    { obis: '1-0:1.7.0', contents: ['1*W'] },
  ]);
});

for (const [what, padding] of [
  ['0xFF', '\xff\xff\xff'],
  ['NUL', '\0'],
  ['blanks', '  '],
] as const) {
  test(`lines may be filled up with ${what}, and contents too, where it is kept`, () => {
    assert.deepEqual(objectsOf(`1-0:1.7.0(000000621*W)${padding}`, `0-0:96.50.68(ON${padding})`), [
      { obis: '1-0:1.7.0', contents: ['000000621*W'] },
      { obis: '0-0:96.50.68', contents: [`ON${padding}`] },
    ]);
  });
}

test('lines may end with a carriage return alone', () => {
  const { objects } = parseTelegram(Buffer.from('/EST5\\2\r\r1-0:1.7.0(000000621*W)\r!0000', 'latin1'));
  assert.deepEqual(objects, [{ obis: '1-0:1.7.0', contents: ['000000621*W'] }]);
});

test('a line of 5,000 characters, with 300 brackets, is one object', () => {
  const contents = Array.from({ length: 300 }, (_, index) => `${String(index).padStart(9, '0')}*kWh`);
  assert.deepEqual(objectsOf(`0-0:98.1.0${contents.map((content) => `(${content})`).join('')}`), [
    { obis: '0-0:98.1.0', contents },
  ]);
});

test('a byte beyond ASCII is read as Latin-1', () => {
  assert.deepEqual(objectsOf('0-1:24.2.1(00001.001*m\xb3)'), [{ obis: '0-1:24.2.1', contents: ['00001.001*m\u00b3'] }]);
});
