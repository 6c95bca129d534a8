import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DUMMY_TOML, folderOf, KEY, problemsOf } from '../../support/settings.js';

test('a settings file of the predecessor is answered key by key, and shows no key of the meter', async (context) => {
  const cwd = folderOf(context, {
    'settings/t210.toml': `
[global]
mqtt_broker = "10.0.0.1"
mqtt_port = 1883
debug_level = "DEBUG"
[t210]
[t210.client]
type = "p1"
guek = "${KEY}"
gak = "${KEY}"
[t210.client.serial]
port = "/dev/ttyUSB0"
baudrate = 115200
[t210.sink.homie]
root = "homie"
`,
  });
  assert.deepEqual(await problemsOf(cwd, ['t210']), [
    'settings/t210.toml: global.mqtt_broker: a key of the predecessor: now mqtt.url = "mqtt://HOST:PORT", in settings/default.toml',
    'settings/t210.toml: global.mqtt_port: a key of the predecessor: now mqtt.url = "mqtt://HOST:PORT", in settings/default.toml',
    'settings/t210.toml: global.debug_level: a key of the predecessor: now log.level, in settings/default.toml',
    'settings/t210.toml: t210.client.type: a key of the predecessor: now client.type, in settings/t210.toml',
    'settings/t210.toml: t210.client.guek: a key of the predecessor: now client.encryption_key, in settings/t210.secrets.toml',
    'settings/t210.toml: t210.client.gak: a key of the predecessor: now client.authentication_key, in settings/t210.secrets.toml',
    'settings/t210.toml: t210.client.serial.port: a key of the predecessor: now client.link.path, in settings/t210.toml',
    'settings/t210.toml: t210.client.serial.baudrate: a key of the predecessor: now client.link.baud_rate, in settings/t210.toml',
    'settings/t210.toml: t210.sink.homie.root: a key of the predecessor: now sinks.homie.root, in settings/t210.toml',
    'settings/t210.toml: device.id: missing: expected an id of lower-case letters, digits and hyphens, without a hyphen at either end',
    'settings/t210.toml: client.type: missing: expected "dummy" or "p1"',
    'settings/t210.toml: sinks: none is enabled: expected a section such as [sinks.homie]',
  ]);
});

test('an empty section of the predecessor is answered too', async (context) => {
  const cwd = folderOf(context, { 'settings/dummy.toml': `${DUMMY_TOML}\n[dummy]\n` });
  assert.deepEqual(await problemsOf(cwd, ['dummy']), [
    'settings/dummy.toml: dummy: a section of the predecessor: its keys stand outside of it now',
  ]);
});

test('a key of the predecessor in a variable is answered with the variable', async (context) => {
  const cwd = folderOf(context, { 'settings/dummy.toml': DUMMY_TOML });
  assert.deepEqual(await problemsOf(cwd, ['dummy'], { env: { SMART_METER_CLIENT__GUEK: KEY } }), [
    'environment variable SMART_METER_CLIENT__GUEK: client.guek: a key of the predecessor: now SMART_METER_CLIENT__ENCRYPTION_KEY',
  ]);
});
