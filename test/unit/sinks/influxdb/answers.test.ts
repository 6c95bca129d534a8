import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge } from '../../../../src/sinks/influxdb/answers.js';

const LINES = ['a f=1 1', 'nonsense', 'a f= 3', 'b f=2 4'];

const json = (status: number, body: unknown) => ({ status, text: JSON.stringify(body) });

const refusalOf = (status: number, body: unknown) => {
  const verdict = judge(json(status, body), LINES);
  assert.equal(verdict.kind, 'refused');
  return verdict.kind === 'refused' ? [verdict.which, verdict.explained] : [];
};

test('any success is one', () => {
  for (const status of [200, 204]) assert.deepEqual(judge({ status, text: '' }, LINES), { kind: 'taken' });
});

// What InfluxDB 1.6.7 answered.
test('version 1 quotes the lines that it cannot read', () => {
  const error =
    "partial write: unable to parse 'nonsense': missing fields\nunable to parse 'a f= 3': missing field value dropped=0";
  assert.deepEqual(refusalOf(400, { error }), [[1, 2], true]);
});

test('version 1 counts what is older than it keeps; where that is everything, everything is refused', () => {
  const error = (count: number): unknown => ({ error: `partial write: points beyond retention policy dropped=${count}` });
  assert.deepEqual(refusalOf(400, error(4)), [[0, 1, 2, 3], true]);
  assert.deepEqual(refusalOf(400, error(3)), [undefined, true]);
});

test('a conflict of types does not tell the lines, however many it counts', () => {
  const error =
    'partial write: field type conflict: input field "f" on measurement "b" is type float, already exists as type string dropped=4';
  assert.deepEqual(refusalOf(400, { error }), [undefined, true]);
});

// InfluxDB v2 documentation, "Troubleshoot writes"; InfluxDB Cloud tells a line.
test('version 2 says it in a message, and sometimes the line', () => {
  assert.deepEqual(refusalOf(400, { code: 'invalid', message: "unable to parse 'nonsense': missing fields" }), [[1], true]);
  assert.deepEqual(refusalOf(400, { code: 'invalid', line: 2, message: 'failed to parse line protocol' }), [[1], true]);
  const message = 'failure writing points to database: partial write: points beyond retention policy dropped=4';
  assert.deepEqual(refusalOf(422, { code: 'unprocessable entity', message }), [[0, 1, 2, 3], true]);
});

// InfluxDB 3 Core documentation, "Write line protocol data", "Partial writes".
test('version 3 numbers the lines, from 1', () => {
  const data = [
    { original_line: 'nonsense', line_number: 2, error_message: 'invalid line protocol' },
    { original_line: 'a f= 3', line_number: 3, error_message: 'invalid line protocol' },
  ];
  assert.deepEqual(refusalOf(400, { error: 'partial write of line protocol occurred', data }), [[1, 2], true]);
});

test('a number that is no line of ours tells nothing, nor does a body that is no JSON', () => {
  assert.deepEqual(refusalOf(400, { error: 'line protocol', data: [{ line_number: 99 }, null, 7] }), [undefined, true]);
  assert.deepEqual(judge({ status: 400, text: '<html>Bad Request</html>' }, LINES), {
    kind: 'refused',
    said: '400 <html>Bad Request</html>',
    which: undefined,
    explained: false,
  });
});

test('what a person must put right, what is too large, and what goes by itself', () => {
  const kinds = [401, 403, 404, 301, 405, 413, 408, 429, 500, 503].map((status) => judge(json(status, {}), LINES).kind);
  const wrong = 'misconfigured';
  assert.deepEqual(kinds, [wrong, wrong, wrong, wrong, wrong, 'too-large', 'away', 'away', 'away', 'away']);
});
