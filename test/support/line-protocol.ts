import assert from 'node:assert/strict';

/** A point as it was read: integers as bigints. */
export interface ReadPoint {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, number | bigint | boolean | string>>;
  readonly timestamp: bigint;
}

/** A measurement, a key or a tag's value; then the strings, numbers and words of fields. Line protocol of InfluxDB, "Special characters". */
const MEASUREMENT = /(?:\\[, ]|[^, \n])+/y;
const NAME = /(?:\\[,= ]|[^,= \n])+/y;
const FIELD = /"(?:\\["\\]|[^"\\])*"|-?\d+i|-?\d+(?:\.\d+)?|true|false/y;
const TIMESTAMP = /-?\d+/y;

/** Reads a line as strictly as it can be read. @throws AssertionError where it is none */
export function readLine(line: string): ReadPoint {
  let at = 0;
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const [text] = pattern.exec(line) ?? [];
    assert.ok(text !== undefined, `${JSON.stringify(line)} at ${at}: expected ${pattern}`);
    at += text.length;
    return text;
  };
  const next = (character: string): boolean => {
    if (line[at] !== character) return false;
    at += 1;
    return true;
  };
  const name = (): string => take(NAME).replaceAll(/\\([,= ])/g, '$1');
  const pair = <T>(value: () => T): [string, T] => {
    const key = name();
    assert.ok(next('='), `${JSON.stringify(line)} at ${at}: expected =`);
    return [key, value()];
  };

  const measurement = take(MEASUREMENT).replaceAll(/\\([, ])/g, '$1');
  const tags: [string, string][] = [];
  while (next(',')) tags.push(pair(name));
  assert.ok(next(' '));
  const fields = [pair(() => fieldOf(take(FIELD)))];
  while (next(',')) fields.push(pair(() => fieldOf(take(FIELD))));
  assert.ok(next(' '));
  const timestamp = BigInt(take(TIMESTAMP));
  assert.equal(at, line.length, `${JSON.stringify(line)} goes on`);
  return { measurement, tags: Object.fromEntries(tags), fields: Object.fromEntries(fields), timestamp };
}

function fieldOf(text: string): number | bigint | boolean | string {
  if (text.startsWith('"')) return text.slice(1, -1).replaceAll(/\\(["\\])/g, '$1');
  if (text === 'true' || text === 'false') return text === 'true';
  return text.endsWith('i') ? BigInt(text.slice(0, -1)) : Number(text);
}
