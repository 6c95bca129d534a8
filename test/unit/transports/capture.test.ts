import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeCapture, parseCapture, startOf, type CaptureChunk } from '../../../src/transports/capture.js';
import { withEdits } from '../../../src/transports/edit-capture.js';

const from = (atMs: number, text: string): CaptureChunk => ({ atMs, direction: 'from', bytes: Buffer.from(text, 'latin1') });
const parse = (text: string) => parseCapture(Buffer.from(text, 'latin1'));

test('a capture is text that anybody can read', () => {
  const capture = {
    header: {
      'recorded-by': 'smart-meter-reader 0.1.0',
      started: '2026-01-15T12:00:00.000Z',
      client: 'kamstrup',
      line: '1200 8N2',
    },
    chunks: [
      { atMs: 0, direction: 'to', bytes: Uint8Array.of(0x80, 0x3f, 0x02, 0x15, 0x44, 0x0d) },
      from(31.25, '@\x00'),
      from(1_047.5, '1-0:1.8.0(000326641*Wh)\r\n1-0:1.7.0(000000621*W)\r\n'),
    ],
  } as const;
  assert.equal(
    encodeCapture(capture),
    `smart-meter-reader capture 1
recorded-by: smart-meter-reader 0.1.0
started: 2026-01-15T12:00:00.000Z
client: kamstrup
line: 1200 8N2
# Time in milliseconds, < from the meter or > to the meter, bytes in hexadecimal. A line without a time goes on with the one before.
# What follows a # is a remark.

       0.000 > 803f0215 440d
      31.250 < 4000
    1047.500 < 312d303a 312e382e 30283030 30333236 3634312a 5768290d 0a312d30 3a312e37  # 1-0:1.8.0(000326641*Wh)..1-0:1.7
             < 2e302830 30303030 30363231 2a57290d 0a  # .0(000000621*W)..
`,
  );
  assert.equal(startOf(parse(encodeCapture(capture))), Date.UTC(2026, 0, 15, 12));
});

test('whatever is written is read again', () => {
  const chunk = fc.record({
    gapMs: fc.integer({ min: 0, max: 100_000 }),
    direction: fc.constantFrom('from' as const, 'to' as const),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 100 }),
  });
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 20 }), (gaps) => {
      let atMs = 0;
      const chunks = gaps.map(({ gapMs, direction, bytes }) => ({ atMs: (atMs += gapMs), direction, bytes: Buffer.from(bytes) }));
      assert.deepEqual(parse(encodeCapture({ header: { client: 'p1' }, chunks })), { header: { client: 'p1' }, chunks });
    }),
  );
});

test('what an editor does to a capture does no harm', () => {
  const edited = parse(
    '\xef\xbb\xbfsmart-meter-reader capture 1\r\nClient:  p1  \r\nmood: sunny\r\n\r\n# a remark\r\n10 <41 4\r\n2\r\n'.replace(
      '4\r\n2',
      '42',
    ) + '<43 # C\r\n  20.5>4 4\r\n',
  );
  assert.deepEqual(edited, {
    header: { client: 'p1', mood: 'sunny' },
    chunks: [from(10, 'ABC'), { atMs: 20.5, direction: 'to', bytes: Buffer.from('D') }],
  });
});

for (const [what, line, message] of [
  ['a line that is none', 'hello', /^line 3: expected a time in milliseconds, < or >, and bytes in hexadecimal$/],
  ['half a byte', '0 < 414', /^line 3: the bytes are not pairs of hexadecimal digits$/],
  ['time that runs backwards', '9 < 41\n8 < 42', /^line 4: the time 8 is before that of the line above, 9$/],
] as const) {
  test(`${what} is refused with its place`, () => {
    assert.throws(() => parse(`smart-meter-reader capture 1\n\n${line}\n`), { name: 'CaptureError', message });
  });
}

test('a later version of the format is not guessed at', () => {
  assert.throws(
    () => parse('smart-meter-reader capture 2\n'),
    /^CaptureError: line 1: version 2 of the format, this program reads version 1$/,
  );
});

test('a dump is taken for what came from the meter: as bytes, or as hexadecimal digits', () => {
  assert.deepEqual(parse('/EST5\r\n').chunks, [from(0, '/EST5\r\n')]);
  assert.deepEqual(parse('2f 45\n53\n').chunks, [from(0, '/ES')]);
  assert.deepEqual(parseCapture(Uint8Array.of(0xdb, 0x08, 0x00)).chunks[0]?.bytes, Uint8Array.of(0xdb, 0x08, 0x00));
  assert.deepEqual(parse('').chunks, []);
});

test('other bytes are put in their place, however the recording was cut', () => {
  const capture = {
    header: {},
    chunks: [from(0, 'abc'), from(1, 'def'), { ...from(2, '>>'), direction: 'to' as const }, from(3, 'ghi')],
  };
  const edits = {
    from: [
      { start: 1, end: 5, bytes: Buffer.from('WXYZ!') },
      { start: 8, end: 9, bytes: Buffer.from('-') },
    ],
    to: [],
  };
  assert.deepEqual(
    withEdits(capture, edits).chunks.map(({ atMs, bytes }) => [atMs, Buffer.from(bytes).toString()]),
    [
      [0, 'aWX'],
      [1, 'YZ!f'],
      [2, '>>'],
      [3, 'gh-'],
    ],
  );
});
