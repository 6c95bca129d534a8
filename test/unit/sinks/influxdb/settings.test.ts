import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemsOf } from '../../../support/sink-settings.js';

const V1 = 'version = 1\ndatabase = "house"\n';

test('each version has keys of its own, and those it needs', async () => {
  assert.deepEqual(await problemsOf('influxdb', V1), []);
  assert.deepEqual(await problemsOf('influxdb', `${V1}username = "meter"\n`, 'password = "p"'), []);
  assert.deepEqual(await problemsOf('influxdb', 'version = 2\norg = "home"\nbucket = "b"\n', 'token = "t"'), []);
  assert.deepEqual(await problemsOf('influxdb', 'version = 3\ndatabase = "house"\n', 'token = "t"'), []);
  assert.deepEqual(await problemsOf('influxdb', 'version = 1\nbucket = "b"\n', 'token = "t"'), [
    'database: is needed with version = 1',
    'bucket: is of no use with version = 1',
    'token: is of no use with version = 1',
  ]);
  assert.deepEqual(await problemsOf('influxdb', 'version = 2\ndatabase = "house"\n'), [
    'org: is needed with version = 2',
    'bucket: is needed with version = 2',
    'token: is needed with version = 2',
    'database: is of no use with version = 2',
  ]);
  assert.deepEqual(await problemsOf('influxdb', V1, 'password = "p"'), ['username: is needed beside password']);
});

test('http:// goes to this machine alone, unless it is asked for', async () => {
  for (const url of ['http://localhost:8086', 'http://127.0.0.1', 'http://[::1]:1', 'https://influx.example'])
    assert.deepEqual(await problemsOf('influxdb', `${V1}url = "${url}"\n`), []);
  assert.deepEqual(await problemsOf('influxdb', `${V1}url = "http://influx.example"\n`), [
    'url: http:// to another host is readable for everybody on the way: expected https://, or allow_plain_http = true beside it',
  ]);
  assert.deepEqual(await problemsOf('influxdb', `${V1}url = "http://influx.example"\nallow_plain_http = true\n`), []);
});

test('a preset and a map exclude each other, and a map says what it does not understand', async () => {
  assert.deepEqual(await problemsOf('influxdb', `${V1}preset = "belgian"\ndiagnostics = true\nmap.m = "a = b/c"\n`), [
    'preset: lays out everything: expected either it or a table map',
    'diagnostics: is of use with preset = "native" only',
  ]);
  assert.deepEqual(await problemsOf('influxdb', `${V1}map.m = "a = b/c furlong, d = e, f = g/h W integer"\n`), [
    'map.m: a: "furlong" is no unit that values are converted to',
    'map.m: expected fields such as import = energy/imported-total kWh, found "d = e"',
  ]);
});

test('names that InfluxDB keeps to itself are neither tags nor fields', async () => {
  assert.deepEqual(await problemsOf('influxdb', `${V1}tags.time = "x"\ntags.place = "x"\nmap.m = "time = a/b, _f = a/b"\n`), [
    'tags.time: InfluxDB keeps this name to itself',
    'map.m: time: InfluxDB keeps this name to itself',
    'map.m: _f: InfluxDB keeps this name to itself',
  ]);
});
