import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLoopback } from '../../../src/transports/loopback.js';

for (const host of ['localhost', 'LOCALHOST', 'mqtt.localhost', '127.0.0.1', '127.1.2.3', '::1', '[::1]', '0:0:0:0:0:0:0:1']) {
  test(`${host} is this machine alone`, () => {
    assert.equal(isLoopback(host), true);
  });
}

for (const host of [
  '0.0.0.0',
  '::',
  '192.168.1.10',
  '[fe80::1]',
  '127.example.org',
  'localhost.example.org',
  'raspberrypi.local',
]) {
  test(`${host} is not this machine alone`, () => {
    assert.equal(isLoopback(host), false);
  });
}
