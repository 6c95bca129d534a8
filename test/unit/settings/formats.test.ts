import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Format, Setting } from '../../../src/model/settings.js';
import { expectation, parseValue } from '../../../src/settings/formats.js';

function setting(format: Format, limits: Pick<Setting, 'min' | 'max'> = {}): Setting {
  return { doc: '', format, ...limits };
}

function parsesTo(format: Format, pairs: readonly (readonly [unknown, unknown])[]): void {
  for (const [written, value] of pairs) assert.deepEqual(parseValue(setting(format), written), value, String(written));
}

function refuses(format: Format, values: readonly unknown[]): void {
  for (const written of values) assert.equal(parseValue(setting(format), written), undefined, JSON.stringify(written));
}

test('durations are milliseconds, written 500ms, 2s, 10m or 1h', () => {
  parsesTo('duration', [
    ['500ms', 500],
    ['2s', 2_000],
    ['10m', 600_000],
    ['1h', 3_600_000],
    ['0s', 0],
    ['596h', 2_145_600_000],
  ]);
});

test('a duration without unit, with a fraction, a sign or a space is refused', () => {
  refuses('duration', [5, '5', '1.5h', '-1s', '2 s', '2S', 's', '', '1d', true]);
});

test('a duration longer than a timer of Node can wait is refused', () => {
  refuses('duration', ['597h', '25000000000ms']);
});

test('a boolean is true or false, never a word for it', () => {
  parsesTo('boolean', [
    [true, true],
    [false, false],
  ]);
  refuses('boolean', ['true', 'no', 'off', 0, 1]);
});

test('an integer is a number without fraction, never a text', () => {
  parsesTo('integer', [
    [0, 0],
    [-3, -3],
  ]);
  refuses('integer', ['1884', '1884abc', 1.5, Infinity, NaN, 2 ** 60]);
});

test('a speed is a number of times, or "max"', () => {
  parsesTo('speed', [
    [1, 1],
    [0.5, 0.5],
    ['max', Infinity],
  ]);
  refuses('speed', [0, -1, 1_001, Infinity, NaN, '1', 'fast']);
});

test('bounds are inclusive', () => {
  const stopBits = setting('integer', { min: 1, max: 2 });
  assert.deepEqual(
    [0, 1, 2, 3].map((written) => parseValue(stopBits, written)),
    [undefined, 1, 2, undefined],
  );
  const period = setting('duration', { min: 1_000, max: 3_600_000 });
  assert.deepEqual(
    ['999ms', '1s', '60m', '61m'].map((written) => parseValue(period, written)),
    [undefined, 1_000, 3_600_000, undefined],
  );
});

test('a key is 16 bytes in 32 hexadecimal digits of either case', () => {
  parsesTo('key', [['000102030405060708090a0b0c0d0e0F', Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)]]);
  refuses('key', ['', '00', '0'.repeat(31), '0'.repeat(33), '0'.repeat(31) + 'g', ' ' + '0'.repeat(32)]);
});

test('a broker is mqtt:// or mqtts:// with a host and perhaps a port', () => {
  for (const url of ['mqtt://localhost', 'mqtts://broker.example:8883', 'mqtt://192.168.1.10:1883/', 'mqtt://[::1]:1883']) {
    assert.equal(parseValue(setting('mqtt-url'), url), url);
  }
  refuses('mqtt-url', [
    'localhost',
    'http://localhost',
    'mqtt://',
    'mqtt://host:99999',
    'mqtt://host:0',
    'mqtt://host/path',
    'mqtt://a b',
  ]);
});

test('a broker with user and password in its URL is refused', () => {
  refuses('mqtt-url', ['mqtt://user@localhost', 'mqtt://user:password@localhost']);
});

test('a web server is http:// or https:// with a host, perhaps a path and a query, and neither user nor password', () => {
  for (const url of ['http://localhost:8086', 'https://broker.example/a/b?c=d', 'http://[::1]:80/', 'https://broker.example'])
    assert.equal(parseValue(setting('http-url'), url), url);
  refuses('http-url', [
    'localhost',
    'ftp://host',
    'http://',
    'http://host:0',
    'http://a b',
    'http://host/#a',
    'http://u:p@host/',
  ]);
});

test('an id has lower-case letters, digits and hyphens, with no hyphen at either end', () => {
  parsesTo('id', [
    ['heat-smart-meter', 'heat-smart-meter'],
    ['7', '7'],
  ]);
  refuses('id', ['', '-a', 'a-', 'A', 'a_b', 'a/b', 'ä', 7]);
});

test('a time zone is one that this Node knows, not an offset', () => {
  parsesTo('time-zone', [
    ['Europe/Vienna', 'Europe/Vienna'],
    ['UTC', 'UTC'],
  ]);
  refuses('time-zone', ['Europe/Wien', '+01:00', '', 1]);
});

test('hours of the day are minutes from midnight, also over midnight', () => {
  parsesTo('daily-hours', [
    ['22:00-06:00', { fromMinute: 1_320, toMinute: 360 }],
    ['00:00-23:59', { fromMinute: 0, toMinute: 1_439 }],
  ]);
  refuses('daily-hours', ['22-6', '22:00', '24:00-06:00', '22:60-06:00', '22:00 - 06:00', '06:00-06:00', '', 22]);
});

test('a text is not empty', () => {
  parsesTo('text', [['/dev/p1', '/dev/p1']]);
  refuses('text', ['', '  ', 5]);
});

test('of listed words, exactly those are accepted', () => {
  parsesTo(['verify', 'crc'], [['crc', 'crc']]);
  refuses(['verify', 'crc'], ['CRC', '', 1]);
});

test('what is expected is said with its bounds', () => {
  assert.equal(expectation(setting('integer')), 'an integer');
  assert.equal(expectation(setting('integer', { min: 1 })), 'an integer, at least 1');
  assert.equal(expectation(setting('integer', { max: 8 })), 'an integer, at most 8');
  assert.equal(expectation(setting('integer', { min: 1, max: 2 })), 'an integer, from 1 to 2');
  assert.equal(
    expectation(setting('duration', { min: 1_500, max: 86_400_000 })),
    'a duration such as 500ms, 2s, 10m or 1h, from 1500ms to 24h',
  );
  assert.equal(expectation(setting(['verify', 'crc'])), '"verify" or "crc"');
});

test('a topic is one that can be published to: without wildcards, and not one of the broker itself', () => {
  parsesTo('topic', [
    ['homeassistant/status', 'homeassistant/status'],
    ['tele/smartmeter/SENSOR', 'tele/smartmeter/SENSOR'],
  ]);
  refuses('topic', ['', 'homie/#', 'homie/+/x', '$SYS/x', 'a\u0000b', 'a\nb', 5]);
});
