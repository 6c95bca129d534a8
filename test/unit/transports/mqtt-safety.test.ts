import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeMqtt } from '../../../src/transports/mqtt-safety.js';
import type { MqttSettings } from '../../../src/transports/mqtt.js';
import { RecordingLogger } from '../../support/logger.js';
import { mqttSettings } from '../../support/mqtt-homie.js';

function warningsOf(url: string, more: Partial<MqttSettings>): string[] {
  const log = new RecordingLogger();
  judgeMqtt(mqttSettings(url, more), log);
  return log.of('warn');
}

const CREDENTIALS = { username: 'reader', password: 'correct horse' };

test('credentials that go to another host without TLS are warned of', () => {
  assert.deepEqual(warningsOf('mqtt://broker.example:1884', CREDENTIALS), [
    'user name and password go to mqtt://broker.example:1884 unencrypted: whoever is on the way can read them; mqtts:// would protect them',
  ]);
});

test('a user name alone may be a token: it is warned of too', () => {
  assert.equal(warningsOf('mqtt://192.168.1.10', { username: 'token' }).length, 1);
});

test('credentials that stay on this machine, or go by TLS, are not warned of', () => {
  assert.deepEqual(warningsOf('mqtt://localhost:1883', CREDENTIALS), []);
  assert.deepEqual(warningsOf('mqtt://[::1]', CREDENTIALS), []);
  assert.deepEqual(warningsOf('mqtts://broker.example', { ...CREDENTIALS, ca: 'ca.pem' }), []);
});

test('no credentials, no warning', () => {
  assert.deepEqual(warningsOf('mqtt://broker.example', {}), []);
});

test('keys for TLS are not used with mqtt://, which is said without their values', () => {
  assert.deepEqual(warningsOf('mqtt://localhost', { ca: 'a', cert: 'b', key: 'c' }), [
    'mqtt.ca, mqtt.cert, mqtt.key: not used, since mqtt://localhost is without TLS; mqtts:// is with it',
  ]);
});

for (const [set, needs] of [
  ['password', 'username'],
  ['cert', 'key'],
  ['key', 'cert'],
] as const) {
  test(`mqtt.${set} without mqtt.${needs} is a problem`, () => {
    assert.throws(() => warningsOf('mqtts://localhost', { [set]: 'x' }), {
      name: 'ConfigError',
      message: `mqtt.${needs}: is needed beside mqtt.${set}`,
    });
  });
}
