import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PRECISIONS, printLine, type Point } from '../../../src/codecs/line-protocol.js';
import { readLine } from '../../support/line-protocol.js';

const AT = Date.UTC(2021, 9, 24, 17, 52, 35, 678);
const point = (parts: Partial<Point>): Point => ({ measurement: 'm', tags: {}, fields: { f: 1 }, at: AT, ...parts });

// InfluxDB v2 documentation, "Line protocol", "Special characters" and "Data types and format".
test('a line has a measurement, tags, fields and a time', () => {
  const line = printLine(point({ measurement: 'power', tags: { device: 'a', place: 'cellar' }, fields: { x: 1.5, y: 0 } }), 'ms');
  assert.equal(line, 'power,device=a,place=cellar x=1.5,y=0 1635097955678');
});

test('times are as exact as they are wanted, finer ones are cut off', () => {
  const times = PRECISIONS.map((precision) => printLine(point({}), precision).split(' ')[2]);
  assert.deepEqual(times, ['1635097955', '1635097955678', '1635097955678000', '1635097955678000000']);
  assert.equal(printLine(point({ at: -1 }), 's'), 'm f=1 -1');
  assert.equal(printLine(point({ at: 0 }), 'ns'), 'm f=1 0');
});

test('the type of a field is written: floats bare, integers with i, texts in quotes', () => {
  const fields = { float: 2, integer: 2n, large: 1e21, small: 1e-7, yes: true, no: false, text: 'ok' };
  assert.equal(
    printLine(point({ fields }), 's'),
    'm float=2,integer=2i,large=1000000000000000000000,small=0.0000001,yes=true,no=false,text="ok" 1635097955',
  );
});

test('what separates is escaped where it would separate', () => {
  const line = printLine(
    point({
      measurement: 'a,b c=d"e',
      tags: { 'k,e=y 1"': 'v,a=l u"e\\x' },
      fields: { 'f,i=e l': 'say "no", back\\slash, a = b' },
    }),
    's',
  );
  assert.equal(
    line,
    'a\\,b\\ c=d"e,k\\,e\\=y\\ 1"=v\\,a\\=l\\ u"e\\x f\\,i\\=e\\ l="say \\"no\\", back\\\\slash, a = b" 1635097955',
  );
});

test('a line break becomes a space, and a backslash at the end of a name is left out', () => {
  const line = printLine(point({ measurement: 'm\\', tags: { a: 'x\r\ny\\\\' }, fields: { f: 'one\ntwo\\' } }), 's');
  assert.equal(line, 'm,a=x\\ y f="one two\\\\" 1635097955');
});

test('there is no line for what is not finite, nor for no fields', () => {
  for (const value of [NaN, Infinity, -Infinity])
    assert.throws(() => printLine(point({ fields: { f: value } }), 's'), RangeError);
  assert.throws(() => printLine(point({ fields: {} }), 's'), RangeError);
});

test('whatever names and values are, a reader finds them again', () => {
  const name = fc
    .string({ minLength: 1, unit: fc.constantFrom('a', 'é', ',', '=', ' ', '"', 'b\\c', '#') })
    .map((text) => `n${text}`);
  const value = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.boolean(),
    fc.string({ unit: fc.constantFrom('x', '"', '\\', ' ', ',', '=', 'ü') }),
  );
  const points = fc.record({
    measurement: name,
    tags: fc.dictionary(name, name),
    fields: fc.dictionary(name, value, { minKeys: 1 }),
    at: fc.integer(),
  });
  fc.assert(
    fc.property(points, (each) => {
      const read = readLine(printLine(each, 'ms'));
      assert.deepEqual({ ...read, tags: { ...read.tags } }, { ...withoutPrototypes(each), timestamp: BigInt(each.at) });
    }),
  );
});

function withoutPrototypes({ measurement, tags, fields }: Point) {
  return { measurement, tags: { ...tags }, fields: { ...fields } };
}
