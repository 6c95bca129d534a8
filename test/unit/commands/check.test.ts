import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { checkCommand, describeEnvironment } from '../../../src/commands/check.js';
import { UsageError } from '../../../src/commands/command.js';
import { ConfigError } from '../../../src/model/errors.js';
import { folderOf, KEY } from '../../support/settings.js';

/** The settings that the program is shipped with. Tests run from the root of the repository. */
const SHIPPED = 'settings';

async function check(cwd: string, names: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { signal } = new AbortController();
  let output = '';
  const exitCode = await checkCommand(names, undefined, {
    cwd,
    env,
    stdout: (text) => (output += text),
    stderr: (text) => assert.fail(text),
    stop: signal,
    deadline: signal,
    readings: new EventTarget(),
    implementation: 'smart-meter-reader test',
  });
  assert.equal(exitCode, 0);
  return output;
}

/** A copy of the shipped settings, with files of its own beside them. */
function shipped(context: TestContext, names: readonly string[], files: Readonly<Record<string, string>> = {}): string {
  const cwd = folderOf(context, { 'settings/README': '', ...files });
  for (const name of ['default', ...names]) copyFileSync(join(SHIPPED, `${name}.toml`), join(cwd, 'settings', `${name}.toml`));
  return cwd;
}

test('check says what run would do with the environment dummy, as it is shipped', async (context) => {
  assert.equal(
    await check(shipped(context, ['dummy']), ['dummy']),
    `dummy: the settings are valid
  reads a meter of type dummy
      interval = "10s"
      seed = 1
  publishes it as dummy-smart-meter (Dummy Device)
  to homie
      root = "homie"
      mqtt.url = "mqtt://localhost:1883"
  listens on nothing
  logs at level info
  files read: settings/default.toml, settings/dummy.toml
  secrets set: none
`,
  );
});

test('all environments that are shipped are valid together', async (context) => {
  const output = await check(shipped(context, ['dummy', 't210', 'kamstrup_403']), ['dummy', 't210', 'kamstrup_403']);
  assert.deepEqual(
    output.split('\n').filter((line) => line.includes('publishes')),
    [
      '  publishes it as dummy-smart-meter (Dummy Device)',
      '  publishes it as electric-smart-meter (Sagemcom T210-D-r Stromzähler)',
      '  publishes it as heat-smart-meter (Kamstrup 403 Fernwärmezähler)',
    ],
  );
});

test('check names the secrets and shows none', async (context) => {
  const cwd = shipped(context, ['t210'], {
    'settings/t210.secrets.toml': `client.encryption_key = "${KEY}"\nclient.authentication_key = "${KEY}"`,
  });
  const output = await check(cwd, ['t210'], { SMART_METER_MQTT__USERNAME: 'meter', SMART_METER_MQTT__PASSWORD: 'hunter22' });
  assert.match(output, /^ {2}secrets set: client\.encryption_key, client\.authentication_key, mqtt\.password$/m);
  assert.equal(output.includes(KEY) || output.includes('hunter22'), false);
});

test('what a component has against its settings is a problem too', async (context) => {
  const cwd = shipped(context, ['t210']);
  await assert.rejects(check(cwd, ['t210'], { SMART_METER_CLIENT__AUTHENTICATION: 'verify' }), ConfigError);
});

test('check warns of settings that protect less than they seem to', async (context) => {
  const env = {
    SMART_METER_MQTT__URL: 'mqtt://broker.example',
    SMART_METER_MQTT__USERNAME: 'meter',
    SMART_METER_MQTT__CA: '/etc/ssl/house.pem',
  };
  const output = await check(shipped(context, ['dummy']), ['dummy'], env);
  assert.equal(
    output.slice(output.indexOf('\nwarnings:')),
    `
warnings:
  dummy homie: mqtt.ca: not used, since mqtt://broker.example is without TLS; mqtts:// is with it
  dummy homie: user name and password go to mqtt://broker.example unencrypted: whoever is on the way can read them; mqtts:// would protect them
`,
  );
});

test('check says what would listen', async (context) => {
  const cwd = shipped(context, ['dummy']);
  const env = { SMART_METER_SINKS__METRICS__PORT: '9999' };
  assert.match(await check(cwd, ['dummy'], env), /^ {2}listens on 127\.0\.0\.1:9999$/m);
});

test('without a name there is nothing to check', async (context) => {
  await assert.rejects(check(folderOf(context, {}), []), UsageError);
});

test('a secrets file that could not be read is said', () => {
  const output = describeEnvironment(
    {
      name: 't210',
      log: { level: 'info' },
      device: { id: 'meter', name: 'Meter' },
      plausibility: { enabled: true, max_power_kw: 69, max_flow_m3_per_hour: 15 },
      spool: { sync_interval: 60_000, max_megabytes: 64, max_days: 365 },
      client: { type: 'p1', settings: {} },
      sinks: [{ name: 'upstairs', type: 'homie', everyMs: 10_000, settings: {} }],
      files: ['settings/t210.toml'],
      unreadable: ['settings/t210.secrets.toml'],
      shown: new Map([
        ['client.type', '"p1"'],
        ['sinks.upstairs.every', '"10s"'],
      ]),
      secrets: [],
    },
    [],
  );
  assert.equal(
    output,
    `t210: the settings are valid
  reads a meter of type p1
  publishes it as meter (Meter)
  to upstairs, a sink of type homie
      every = "10s"
  listens on nothing
  logs at level info
  files read: settings/t210.toml
  secrets set: none
  not checked: settings/t210.secrets.toml, which only its owner may read
`,
  );
});
