import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineSettings } from '../../../src/model/settings.js';
import { DUMMY_TOML, folderOf, KEY, load, loadOne, problemsOf, T210_TOML } from '../../support/settings.js';

test('settings come out in the types that the program works with', async (context) => {
  const cwd = folderOf(context, {
    'settings/default.toml': 'mqtt.url = "mqtts://broker.example:8883"',
    'settings/t210.toml': `
[device]
id = "electric-smart-meter"
name = "Stromzähler"
[client]
type = "p1"
period = "500m"
[client.link]
path = "/dev/p1"
[sinks.homie]
every = "10s"
`,
    'settings/t210.secrets.toml': `client.encryption_key = "${KEY}"`,
  });
  assert.deepEqual(await load(cwd, ['t210']), [
    {
      name: 't210',
      log: { level: 'info' },
      device: { id: 'electric-smart-meter', name: 'Stromzähler' },
      plausibility: { enabled: true, max_power_kw: 69, max_flow_m3_per_hour: 15 },
      spool: { sync_interval: 60_000, max_megabytes: 64, max_days: 365 },
      client: {
        type: 'p1',
        settings: {
          encryption_key: Uint8Array.of(
            0,
            0x11,
            0x22,
            0x33,
            0x44,
            0x55,
            0x66,
            0x77,
            0x88,
            0x99,
            0xaa,
            0xbb,
            0xcc,
            0xdd,
            0xee,
            0xff,
          ),
          authentication_key: undefined,
          authentication: 'verify',
          time_zone: 'Europe/Vienna',
          period: 30_000_000,
          link: { type: 'serial', path: '/dev/p1', stop_bits: 1 },
        },
      },
      sinks: [
        {
          name: 'homie',
          type: 'homie',
          everyMs: 10_000,
          settings: { root: 'homie', mqtt: { url: 'mqtts://broker.example:8883', username: undefined, password: undefined } },
        },
      ],
      files: ['settings/default.toml', 'settings/t210.toml', 'settings/t210.secrets.toml'],
      unreadable: [],
      shown: new Map([
        ['log.level', '"info"'],
        ['device.id', '"electric-smart-meter"'],
        ['device.name', '"Stromzähler"'],
        ['plausibility.enabled', 'true'],
        ['plausibility.max_power_kw', '69'],
        ['plausibility.max_flow_m3_per_hour', '15'],
        ['spool.sync_interval', '"60s"'],
        ['spool.max_megabytes', '64'],
        ['spool.max_days', '365'],
        ['client.type', '"p1"'],
        ['client.authentication', '"verify"'],
        ['client.time_zone', '"Europe/Vienna"'],
        ['client.period', '"500m"'],
        ['client.link.type', '"serial"'],
        ['client.link.path', '"/dev/p1"'],
        ['client.link.stop_bits', '1'],
        ['sinks.homie.root', '"homie"'],
        ['sinks.homie.mqtt.url', '"mqtts://broker.example:8883"'],
        ['sinks.homie.enabled', 'true'],
        ['sinks.homie.every', '"10s"'],
        ['sinks.homie.type', '"homie"'],
        ['mqtt.url', '"mqtts://broker.example:8883"'],
      ]),
      secrets: ['client.encryption_key'],
    },
  ]);
});

test('five mistakes give five problems, each with file, key, value and what was expected', async (context) => {
  const cwd = folderOf(context, {
    'settings/t210.toml': `
device.id = "Electric Meter"
client.type = "p1"
client.authentication = "verfy"
client.perod = "10s"
client.link.stop_bits = 3
client.link.path = "/dev/p1"
sinks.homie.mqtt.url = "localhost:1883"
`,
  });
  assert.deepEqual(await problemsOf(cwd, ['t210']), [
    'settings/t210.toml: client.perod: unknown key; did you mean client.period?',
    'settings/t210.toml: device.id: expected an id of lower-case letters, digits and hyphens, without a hyphen at either end, found "Electric Meter"',
    'settings/t210.toml: client.authentication: expected "verify" or "crc", found "verfy"; did you mean "verify"?',
    'settings/t210.toml: client.link.stop_bits: expected an integer, from 1 to 2, found 3',
    'settings/t210.toml: sinks.homie.mqtt.url: expected mqtt://host:port or mqtts://host:port, without user and password, which are keys of their own, found "localhost:1883"',
  ]);
});

test('a text in place of a number or a boolean is refused, never bent', async (context) => {
  const cwd = folderOf(context, {
    'settings/t210.toml': `${T210_TOML}\nclient.link.stop_bits = "1x"\nsinks.homie.enabled = "no"\nclient.period = 5`,
  });
  assert.deepEqual(await problemsOf(cwd, ['t210']), [
    'settings/t210.toml: client.period: expected a duration such as 500ms, 2s, 10m or 1h, from 1s to 596h, found 5',
    'settings/t210.toml: client.link.stop_bits: expected an integer, from 1 to 2, found "1x"',
    'settings/t210.toml: sinks.homie.enabled: expected true or false, found "no"',
  ]);
});

test('required keys that are missing are problems, a secret one in the secrets file', async (context) => {
  const cwd = folderOf(context, {
    'settings/t210.toml': 'client.type = "p1"\nsinks.web-push.path = "/"\nsinks.homie.root = "x"',
  });
  assert.deepEqual(await problemsOf(cwd, ['t210']), [
    'settings/t210.toml: device.id: missing: expected an id of lower-case letters, digits and hyphens, without a hyphen at either end',
    'settings/t210.toml: client.link.path: missing: expected a text',
    'settings/t210.secrets.toml: sinks.web-push.token: missing: expected a text',
    'settings/t210.toml: mqtt.url: missing: expected mqtt://host:port or mqtts://host:port, without user and password, which are keys of their own',
  ]);
});

test('a device without a name is called by its id', async (context) => {
  const { device } = await loadOne(folderOf(context, { 'settings/dummy.toml': DUMMY_TOML }), 'dummy');
  assert.deepEqual(device, { id: 'dummy-smart-meter', name: 'dummy-smart-meter' });
});

test('the link type decides which keys a link has', async (context) => {
  const file = T210_TOML.replace('client.link.path = "/dev/p1"', 'client.link.type = "tcp"\nclient.link.host = "10.0.0.2"');
  const { client } = await loadOne(folderOf(context, { 'settings/t210.toml': file }), 't210');
  assert.deepEqual((client.settings as { link: unknown }).link, { type: 'tcp', host: '10.0.0.2', port: 2001 });
});

test('an unknown type is answered with the known ones, and the keys beside it are not judged', async (context) => {
  const cwd = folderOf(context, {
    'settings/a.toml': `${DUMMY_TOML.replace('"dummy"', '"dumy"')}\nclient.colour = "red"`,
    'settings/b.toml': T210_TOML.replace('client.link.path', 'client.link.type = "serail"\nclient.link.path'),
    'settings/c.toml': `${DUMMY_TOML}\nsinks.x.type = "homey"\nsinks.x.colour = "red"\nsinks.homy.colour = "red"`,
  });
  assert.deepEqual(await problemsOf(cwd, ['a']), [
    'settings/a.toml: client.type: expected "dummy" or "p1", found "dumy"; did you mean "dummy"?',
  ]);
  assert.deepEqual(await problemsOf(cwd, ['b']), [
    'settings/b.toml: client.link.type: expected "serial" or "tcp", found "serail"; did you mean "serial"?',
  ]);
  assert.deepEqual(await problemsOf(cwd, ['c']), [
    'settings/c.toml: sinks.homy: no kind of sink is called "homy": expected "homie" or "web-push", as its name or its type; did you mean "homie"?',
    'settings/c.toml: sinks.x.type: expected "homie" or "web-push", found "homey"; did you mean "homie"?',
  ]);
});

test('a sink inherits the shared section key by key', async (context) => {
  const cwd = folderOf(context, {
    'settings/default.toml': 'mqtt.url = "mqtt://all"\nmqtt.username = "everybody"',
    'settings/default.secrets.toml': 'mqtt.password = "hunter22"',
    'settings/dummy.toml': `${DUMMY_TOML}\nsinks.second.type = "homie"`,
  });
  const { sinks } = await loadOne(cwd, 'dummy');
  assert.deepEqual(
    sinks.map(({ settings }) => settings),
    [
      { root: 'homie', mqtt: { url: 'mqtt://localhost', username: 'everybody', password: 'hunter22' } },
      { root: 'homie', mqtt: { url: 'mqtt://all', username: 'everybody', password: 'hunter22' } },
    ],
  );
});

test('a bad value that several sinks inherit is one problem, where it is written', async (context) => {
  const cwd = folderOf(context, {
    'settings/default.toml': 'mqtt.url = "all"\nmqtt.username = 5',
    'settings/dummy.toml': `${DUMMY_TOML}\nsinks.second.type = "homie"`,
  });
  assert.deepEqual(await problemsOf(cwd, ['dummy']), [
    'settings/default.toml: mqtt.url: expected mqtt://host:port or mqtts://host:port, without user and password, which are keys of their own, found "all"',
    'settings/default.toml: mqtt.username: expected a text, found 5',
  ]);
});

test('a sink that is switched off is left out; its keys are judged, its missing ones are not missed', async (context) => {
  const cwd = folderOf(context, {
    'settings/off.toml': `${DUMMY_TOML}\nsinks.web-push.enabled = false\nsinks.gone.enabled = false\nsinks.gone.colour = "red"`,
    'settings/bad.toml': `${DUMMY_TOML}\nsinks.web-push.enabled = false\nsinks.web-push.pth = "/"\nsinks.web-push.every = "often"`,
  });
  assert.deepEqual(
    (await loadOne(cwd, 'off')).sinks.map(({ name }) => name),
    ['homie'],
  );
  assert.deepEqual(await problemsOf(cwd, ['bad']), [
    'settings/bad.toml: sinks.web-push.pth: unknown key; did you mean sinks.web-push.path?',
    'settings/bad.toml: sinks.web-push.every: expected a duration such as 500ms, 2s, 10m or 1h, from 1ms to 596h, found "often"',
  ]);
});

test('an empty section is a sink', async (context) => {
  const cwd = folderOf(context, {
    'settings/dummy.toml': 'device.id = "a"\nclient.type = "dummy"\nmqtt.url = "mqtt://all"\n[sinks.homie]',
  });
  assert.deepEqual(
    (await loadOne(cwd, 'dummy')).sinks.map(({ name }) => name),
    ['homie'],
  );
});

test('without any sink there is nothing to do', async (context) => {
  const cwd = folderOf(context, { 'settings/dummy.toml': 'device.id = "a"\nclient.type = "dummy"' });
  assert.deepEqual(await problemsOf(cwd, ['dummy']), [
    'settings/dummy.toml: sinks: none is enabled: expected a section such as [sinks.homie]',
  ]);
});

test('names that no environment can have, and one given twice, are problems', async (context) => {
  const cwd = folderOf(context, { 'settings/dummy.toml': DUMMY_TOML, 'settings/default.toml': '' });
  assert.deepEqual(await problemsOf(cwd, ['default', 'a/b', '../dummy', '', 'dummy', 'dummy']), [
    'environment default: default.toml holds what all environments share: no environment can have this name',
    'environment a/b: expected a name of letters, digits, - and _',
    'environment ../dummy: expected a name of letters, digits, - and _',
    'environment : expected a name of letters, digits, - and _',
    'environment dummy: named more than once',
  ]);
});

test('two devices with one id are a problem', async (context) => {
  const cwd = folderOf(context, {
    'settings/one.toml': DUMMY_TOML,
    'settings/two.toml': DUMMY_TOML,
    'settings/t210.toml': T210_TOML,
  });
  assert.deepEqual(await problemsOf(cwd, ['one', 't210', 'two']), [
    'settings/two.toml: device.id: "dummy-smart-meter" is the id of environment one too: expected one of its own',
  ]);
});

test('all problems of all environments are shown at once, those of a shared file only once', async (context) => {
  const cwd = folderOf(context, {
    'settings/default.toml': 'log.levl = "info"',
    'settings/dummy.toml': `${DUMMY_TOML}\nclient.interval = "1"`,
    'settings/t210.toml': `${T210_TOML}\nclient.period = "1"`,
  });
  assert.deepEqual(await problemsOf(cwd, ['dummy', 't210', 'gas']), [
    'settings/default.toml: log.levl: unknown key; did you mean log.level?',
    'settings/dummy.toml: client.interval: expected a duration such as 500ms, 2s, 10m or 1h, at most 596h, found "1"',
    'settings/t210.toml: client.period: expected a duration such as 500ms, 2s, 10m or 1h, from 1s to 596h, found "1"',
    'environment gas: no file gas.toml in settings or /etc/smart-meter-reader; settings holds dummy, t210',
  ]);
});

test('a component whose default is none of its format is a bug, not a problem of the settings', async (context) => {
  const cwd = folderOf(context, { 'settings/dummy.toml': DUMMY_TOML });
  const broken = defineSettings({ interval: { doc: '', format: 'duration', default: '10' } });
  const kinds = { clients: { dummy: () => Promise.resolve({ settings: broken }) }, sinks: {} };
  await assert.rejects(load(cwd, ['dummy'], { kinds: { ...kinds, sinks: { homie: kinds.clients.dummy } } }), {
    name: 'Error',
    message: /the default of client\.interval is not a duration/,
  });
});

test('values are shown without those from secrets files', async (context) => {
  const cwd = folderOf(context, {
    'settings/dummy.toml': DUMMY_TOML,
    'settings/default.secrets.toml': 'mqtt.username = "hunter"\nmqtt.password = "hunter22"',
  });
  const { shown, secrets } = await loadOne(cwd, 'dummy');
  assert.equal(shown.get('sinks.homie.mqtt.username'), 'a text of 6 characters (not shown)');
  assert.equal(shown.has('sinks.homie.mqtt.password'), false);
  assert.deepEqual(secrets, ['mqtt.password']);
});
