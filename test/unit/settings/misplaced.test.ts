import assert from 'node:assert/strict';
import { test } from 'node:test';
import { folderOf, KEY, problemsOf, T210_TOML } from '../../support/settings.js';

/** The problems of a T210 whose file also has the given lines. */
function problemsWith(context: Parameters<typeof folderOf>[0], lines: string): Promise<string[]> {
  return problemsOf(folderOf(context, { 'settings/t210.toml': `${lines}\n${T210_TOML}` }), ['t210']);
}

test('an unknown key names the nearest known one', async (context) => {
  assert.deepEqual(await problemsWith(context, 'client.perod = "10s"\nsinks.homie.url = "mqtt://other"'), [
    'settings/t210.toml: client.perod: unknown key; did you mean client.period?',
    'settings/t210.toml: sinks.homie.url: unknown key; did you mean sinks.homie.mqtt.url?',
  ]);
});

test('an unknown section names the nearest known one, once', async (context) => {
  assert.deepEqual(await problemsWith(context, 'clent.type = "p1"\nclent.period = "1s"\nclient.lnk.stop_bits = 2'), [
    'settings/t210.toml: clent: unknown section; did you mean client?',
    'settings/t210.toml: client.lnk: unknown section; did you mean client.link?',
  ]);
});

test('a key that resembles none is answered with those that are known in its place', async (context) => {
  assert.deepEqual(await problemsWith(context, 'device.colour = "red"\nfurniture = true'), [
    'settings/t210.toml: device.colour: unknown key; known here: device.id, device.name',
    'settings/t210.toml: furniture: unknown key; known here: log, device, plausibility, spool, client, sinks, mqtt',
  ]);
});

test('a key of another link type is unknown', async (context) => {
  assert.deepEqual(await problemsWith(context, 'client.link.host = "meter"'), [
    'settings/t210.toml: client.link.host: unknown key; known here: client.link.type, client.link.path, client.link.stop_bits',
  ]);
});

test('names that only quotes make possible are unknown keys', async (context) => {
  assert.deepEqual(
    await problemsWith(
      context,
      '"client.period" = "1s"\n"" = 1\n"__proto__".x = 1\nsinks."a.b".type = "homie"\nsinks.toString = 1',
    ),
    [
      'settings/t210.toml: "client.period": unknown key; did you mean client.period?',
      'settings/t210.toml: "": unknown key; known here: log, device, plausibility, spool, client, sinks, mqtt',
      'settings/t210.toml: __proto__: unknown section; known here: log, device, plausibility, spool, client, sinks, mqtt',
      'settings/t210.toml: sinks."a.b": unknown section; known here: sinks.homie',
      'settings/t210.toml: sinks.toString: unknown key; known here: sinks.homie',
    ],
  );
});

test('a value for a section, and a section, list or date for a value, are told apart', async (context) => {
  const lines = 'log = "info"\nclient.period.seconds = 10\ndevice.name = ["a"]\nclient.time_zone = 2026-01-15';
  assert.deepEqual(await problemsWith(context, lines), [
    'settings/t210.toml: log: expected a section, found a text of 4 characters (not shown)',
    'settings/t210.toml: client.period: expected a duration such as 500ms, 2s, 10m or 1h, from 1s to 596h, found a section',
    'settings/t210.toml: client.time_zone: expected a time zone such as Europe/Vienna, found a date or time',
    'settings/t210.toml: device.name: expected a text, found a list',
  ]);
});

test('a secret in a plain file is a problem that says where to move it', async (context) => {
  const cwd = folderOf(context, {
    'settings/default.toml': 'mqtt.password = "hunter22"',
    'settings/t210.toml': `client.encryption_key = "${KEY}"\n${T210_TOML}`,
  });
  assert.deepEqual(await problemsOf(cwd, ['t210']), [
    'settings/default.toml: mqtt.password: a secret has no place in this file: move it to settings/default.secrets.toml and chmod 600 settings/default.secrets.toml',
    'settings/t210.toml: client.encryption_key: a secret has no place in this file: move it to settings/t210.secrets.toml and chmod 600 settings/t210.secrets.toml',
  ]);
});

test('a secret in a plain file is a problem also when a secrets file says otherwise', async (context) => {
  const cwd = folderOf(context, {
    'settings/t210.toml': `client.encryption_key = "${KEY}"\n${T210_TOML}`,
    'settings/t210.secrets.toml': `client.encryption_key = "${KEY}"`,
  });
  assert.deepEqual(await problemsOf(cwd, ['t210']), [
    'settings/t210.toml: client.encryption_key: a secret has no place in this file: move it to settings/t210.secrets.toml and chmod 600 settings/t210.secrets.toml',
  ]);
});
