import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DUMMY_TOML, folderOf, KEY, loadOne, problemsOf, T210_TOML } from '../../support/settings.js';

test('a variable comes after all files, and may hold a secret', async (context) => {
  const cwd = folderOf(context, {
    'settings/t210.toml': T210_TOML,
    'settings/t210.secrets.toml': `client.encryption_key = "${'f'.repeat(32)}"`,
  });
  const { client } = await loadOne(cwd, 't210', { env: { SMART_METER_CLIENT__ENCRYPTION_KEY: KEY } });
  assert.deepEqual((client.settings as { encryption_key: unknown }).encryption_key, Uint8Array.from(Buffer.from(KEY, 'hex')));
});

test('the text of a variable is read by the format of its key', async (context) => {
  const cwd = folderOf(context, { 'settings/t210.toml': T210_TOML });
  const { client } = await loadOne(cwd, 't210', {
    env: {
      SMART_METER_CLIENT__LINK__STOP_BITS: '2',
      SMART_METER_CLIENT__PERIOD: '1m',
      SMART_METER_CLIENT__AUTHENTICATION: 'crc',
    },
  });
  assert.deepEqual(client.settings, {
    encryption_key: undefined,
    authentication_key: undefined,
    authentication: 'crc',
    time_zone: 'Europe/Vienna',
    period: 60_000,
    link: { type: 'serial', path: '/dev/p1', stop_bits: 2 },
  });
});

test('a variable can choose the type of client, link and sink', async (context) => {
  const cwd = folderOf(context, { 'settings/dummy.toml': DUMMY_TOML });
  const settings = await loadOne(cwd, 'dummy', {
    env: {
      SMART_METER_CLIENT__TYPE: 'p1',
      SMART_METER_CLIENT__LINK__TYPE: 'tcp',
      SMART_METER_CLIENT__LINK__HOST: 'meter',
      SMART_METER_SINKS__COPY__TYPE: 'homie',
      SMART_METER_SINKS__COPY__MQTT__URL: 'mqtt://other',
    },
  });
  assert.equal(settings.client.type, 'p1');
  assert.deepEqual((settings.client.settings as { link: unknown }).link, { type: 'tcp', host: 'meter', port: 2001 });
  assert.deepEqual(
    settings.sinks.map(({ name, type }) => [name, type]),
    [
      ['homie', 'homie'],
      ['copy', 'homie'],
    ],
  );
});

test('a sink with a hyphen is reached by its name with an underscore', async (context) => {
  const cwd = folderOf(context, { 'settings/dummy.toml': DUMMY_TOML });
  const { sinks } = await loadOne(cwd, 'dummy', { env: { SMART_METER_SINKS__WEB_PUSH__TOKEN: 'hunter22' } });
  assert.deepEqual(sinks[1], { name: 'web-push', type: 'web-push', settings: { token: 'hunter22', path: '/' } });
});

test('a variable can switch a sink off', async (context) => {
  const cwd = folderOf(context, { 'settings/dummy.toml': DUMMY_TOML });
  assert.deepEqual(await problemsOf(cwd, ['dummy'], { env: { SMART_METER_SINKS__HOMIE__ENABLED: 'false' } }), [
    'settings/dummy.toml: sinks: none is enabled: expected a section such as [sinks.homie]',
  ]);
});

test('words for booleans and numbers with a tail are refused, never bent', async (context) => {
  const cwd = folderOf(context, { 'settings/dummy.toml': DUMMY_TOML, 'settings/t210.toml': T210_TOML });
  assert.deepEqual(
    await problemsOf(cwd, ['dummy'], { env: { SMART_METER_CLIENT__NOISY: 'off', SMART_METER_DEVICE__NAME: '' } }),
    [
      'environment variable SMART_METER_DEVICE__NAME: device.name: expected a text, found an empty text',
      'environment variable SMART_METER_CLIENT__NOISY: client.noisy: expected true or false, found "off"',
    ],
  );
  assert.deepEqual(await problemsOf(cwd, ['t210'], { env: { SMART_METER_CLIENT__LINK__STOP_BITS: '1x' } }), [
    'environment variable SMART_METER_CLIENT__LINK__STOP_BITS: client.link.stop_bits: expected an integer, from 1 to 2, found "1x"',
  ]);
});

test('an unknown variable names the nearest', async (context) => {
  const cwd = folderOf(context, { 'settings/dummy.toml': DUMMY_TOML });
  const env = {
    SMART_METER_CLENT__INTERVAL: '1s',
    SMART_METER_FURNITURE: 'x',
    SMART_METER_CLIENT: 'dummy',
    SMART_METER_DEVICE__ID__X: 'y',
  };
  assert.deepEqual(await problemsOf(cwd, ['dummy'], { env }), [
    'environment variable SMART_METER_CLENT__INTERVAL: clent.interval: unknown key; did you mean SMART_METER_CLIENT__INTERVAL?',
    'environment variable SMART_METER_FURNITURE: furniture: unknown key',
    'environment variable SMART_METER_CLIENT: client: expected a section, found a text of 5 characters (not shown)',
    'environment variable SMART_METER_DEVICE__ID__X: device.id: expected an id of lower-case letters, digits and hyphens, without a hyphen at either end, found a section',
  ]);
});

test('SMART_METER_ENVIRONMENT is no setting, nor are the variables of other programs', async (context) => {
  const cwd = folderOf(context, { 'settings/dummy.toml': DUMMY_TOML });
  assert.deepEqual(await problemsOf(cwd, ['dummy'], { env: { SMART_METER_ENVIRONMENT: 'dummy', PATH: '/bin' } }), []);
});

test('with several environments, a variable is a problem', async (context) => {
  const cwd = folderOf(context, { 'settings/dummy.toml': DUMMY_TOML, 'settings/t210.toml': T210_TOML });
  const env = { SMART_METER_LOG__LEVEL: 'debug', SMART_METER_ENVIRONMENT: 'dummy' };
  assert.deepEqual(await problemsOf(cwd, ['dummy', 't210'], { env }), [
    'environment variable SMART_METER_LOG__LEVEL: sets one environment alone, and dummy, t210 run together: write it in their files',
  ]);
});
