import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CsvDecoder } from '../../../src/codecs/csv.js';

/** What a text holds: of each row its line and its cells, quoted ones between `<` and `>`; of each error its line and what it says. */
function read(text: string, pieces: readonly number[] = []): unknown[] {
  const decoder = new CsvDecoder();
  const cuts = [0, ...pieces, text.length];
  const found = cuts.slice(1).flatMap((to, index) => decoder.push(text.slice(cuts[index], to)));
  return [...found, ...decoder.end()].map((each) =>
    each.kind === 'error'
      ? [each.line, each.detail]
      : [each.line, each.cells.map((cell) => (cell.isQuoted ? `<${cell.text}>` : cell.text))],
  );
}

test('a row has its line and its cells; either end of a line will do, and the last line needs none', () => {
  assert.deepEqual(read('time,value\r\n1,2.5\n\n2,'), [
    [1, ['time', 'value']],
    [2, ['1', '2.5']],
    [4, ['2', '']],
  ]);
});

test('a quoted cell may hold commas, quotes and ends of lines; an empty one is told from none', () => {
  assert.deepEqual(read('a,"b,c","d ""e""",""\n"two\nlines",x\nlast,y\n'), [
    [1, ['a', '<b,c>', '<d "e">', '<>']],
    [2, ['<two\nlines>', 'x']],
    [4, ['last', 'y']],
  ]);
});

test('a row may begin with an empty cell, also where another is quoted', () => {
  assert.deepEqual(read(',1,"a, b"\n,,""\n'), [
    [1, ['', '1', '<a, b>']],
    [2, ['', '', '<>']],
  ]);
});

test('the mark that some programs begin a file with is no part of the first cell', () => {
  assert.deepEqual(read('\ufefftime,value\n'), [[1, ['time', 'value']]]);
});

test('a quote in a cell that is not quoted stands for itself, text behind a closing one is an error of that line alone', () => {
  assert.deepEqual(read('12" pipe,x\n"a"b,c\nd,e\n'), [
    [1, ['12" pipe', 'x']],
    [2, 'there is text behind a closing quote'],
    [3, ['d', 'e']],
  ]);
});

test('a quote that is never closed costs its own line, not those that follow', () => {
  const good = Array.from({ length: 250 }, (_, n) => `${n},x`);
  const found = read(['a,"b', ...good].join('\n'));
  assert.deepEqual(found[0], [1, 'a quote is opened and not closed']);
  assert.deepEqual(
    found.slice(1),
    good.map((_, n) => [n + 2, [String(n), 'x']]),
  );
});

test('a line without an end in sight is left out, and costs no memory', () => {
  const decoder = new CsvDecoder();
  const found = Array.from({ length: 40 }, () => decoder.push('x'.repeat(65_536))).flat();
  assert.deepEqual(
    [...found, ...decoder.push('\na,b\n')],
    [
      { kind: 'error', line: 1, detail: 'longer than 1048576 characters' },
      {
        kind: 'row',
        line: 2,
        cells: [
          { text: 'a', isQuoted: false },
          { text: 'b', isQuoted: false },
        ],
      },
    ],
  );
});

test('the same text gives the same rows however it is cut', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r\n', '""') }), fc.array(fc.nat(60)), (text, cuts) => {
      const sorted = cuts.map((cut) => Math.min(cut, text.length)).sort((one, other) => one - other);
      assert.deepEqual(read(text, sorted), read(text));
    }),
  );
});
