import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DUMMY_TOML, folderOf, KEY, load, loadOne, problemsOf, T210_TOML } from '../../support/settings.js';

const KEY_BYTES = Uint8Array.from(Buffer.from(KEY, 'hex'));
const OTHER_KEY = 'f'.repeat(32);
const SECRETS = `client.encryption_key = "${KEY}"`;

test('a later layer takes the place of an earlier one: default, environment, default secrets, environment secrets', async (context) => {
  const cwd = folderOf(context, {
    'settings/default.toml': 'mqtt.username = "1"\nlog.level = "error"\nclient.noisy = true',
    'settings/dummy.toml': `${DUMMY_TOML}\nmqtt.username = "2"\nlog.level = "debug"`,
    'settings/default.secrets.toml': 'mqtt.username = "3"\nmqtt.password = "three"',
    'settings/dummy.secrets.toml': 'mqtt.password = "four"',
  });
  const settings = await loadOne(cwd, 'dummy');
  assert.equal(settings.log.level, 'debug');
  assert.deepEqual(settings.client.settings, { interval: 10_000, noisy: true });
  assert.deepEqual(settings.sinks[0]?.settings, {
    root: 'homie',
    mqtt: { url: 'mqtt://localhost', username: '3', password: 'four' },
  });
  assert.deepEqual(settings.files, [
    'settings/default.toml',
    'settings/dummy.toml',
    'settings/default.secrets.toml',
    'settings/dummy.secrets.toml',
  ]);
});

test('default.toml and the secrets files need not be there', async (context) => {
  const settings = await loadOne(folderOf(context, { 'settings/dummy.toml': DUMMY_TOML }), 'dummy');
  assert.deepEqual(settings.files, ['settings/dummy.toml']);
});

test('--settings comes before ./settings, and nothing of the other folder is read', async (context) => {
  const cwd = folderOf(context, {
    'settings/default.toml': 'log.level = "debug"',
    'settings/dummy.toml': DUMMY_TOML,
    'mine/dummy.toml': `${DUMMY_TOML}\nclient.interval = "1s"`,
  });
  const settings = await loadOne(cwd, 'dummy', { directory: 'mine' });
  assert.deepEqual(settings.files, ['mine/dummy.toml']);
  assert.equal(settings.log.level, 'info');
});

test('a folder without the environment is passed over', async (context) => {
  const cwd = folderOf(context, { 'settings/dummy.toml': DUMMY_TOML, 'mine/default.toml': 'log.level = "debug"' });
  const settings = await loadOne(cwd, 'dummy', { directory: join(cwd, 'mine') });
  assert.deepEqual(settings.files, ['settings/dummy.toml']);
});

test('an unknown environment is answered with those that are known', async (context) => {
  const cwd = folderOf(context, {
    'settings/default.toml': '',
    'settings/t210.toml': '',
    'settings/dummy.toml': '',
    'settings/t210.secrets.toml': '',
  });
  assert.deepEqual(await problemsOf(cwd, ['t21']), [
    'environment t21: no file t21.toml in settings or /etc/smart-meter-reader; settings holds dummy, t210; did you mean t210?',
  ]);
  assert.deepEqual(await problemsOf(cwd, ['gas'], { directory: 'nowhere' }), [
    'environment gas: no file gas.toml in nowhere or settings or /etc/smart-meter-reader; settings holds dummy, t210',
  ]);
});

test('a file that is no TOML is answered with the place and the reason, and quotes nothing', async (context) => {
  const cwd = folderOf(context, {
    'settings/t210.toml': T210_TOML,
    'settings/t210.secrets.toml': `[client]\nencryption_key = ${KEY}\n`,
    'settings/default.secrets.toml': '[mqtt]\npassword = "hunter22\n',
  });
  assert.deepEqual(await problemsOf(cwd, ['t210']), [
    'settings/default.secrets.toml: line 2, column 21: control characters are not allowed in strings',
    'settings/t210.secrets.toml: line 2, column 18: illegal leading zero',
  ]);
});

test('keys are not called missing when the file they may stand in cannot be understood', async (context) => {
  const cwd = folderOf(context, { 'settings/dummy.toml': 'device.id = "a"\nclient.type = ' });
  assert.deepEqual(await problemsOf(cwd, ['dummy']), ['settings/dummy.toml: line 2, column 15: invalid value']);
});

test('a file that is not in UTF-8 is said to be so', async (context) => {
  const cwd = folderOf(context, { 'settings/dummy.toml': Buffer.from('device.name = "Stromzähler"', 'latin1') });
  assert.deepEqual(await problemsOf(cwd, ['dummy']), ['settings/dummy.toml: not a text in UTF-8']);
});

test('a file too large to be settings is not read, nor is a folder in place of one', async (context) => {
  const cwd = folderOf(context, { 'settings/dummy.toml': '#'.repeat(1_048_577), 'settings/default.toml/file': '' });
  assert.deepEqual(await problemsOf(cwd, ['dummy']), [
    'settings/default.toml: cannot be read (EISDIR)',
    'settings/dummy.toml: larger than 1048576 bytes, which no settings file is',
  ]);
});

for (const [mode, shown] of [
  [0o640, '0640'],
  [0o604, '0604'],
  [0o644, '0644'],
] as const) {
  test(`secrets are refused from a file of mode ${shown}`, async (context) => {
    const cwd = folderOf(context, { 'settings/t210.toml': T210_TOML, 'settings/t210.secrets.toml': SECRETS });
    chmodSync(join(cwd, 'settings/t210.secrets.toml'), mode);
    assert.deepEqual(await problemsOf(cwd, ['t210']), [
      `settings/t210.secrets.toml: client.encryption_key: group or others can read this file (mode ${shown}): chmod 600 settings/t210.secrets.toml`,
    ]);
  });
}

for (const mode of [0o600, 0o400]) {
  test(`secrets are taken from a file of mode 0${mode.toString(8)}`, async (context) => {
    const cwd = folderOf(context, { 'settings/t210.toml': T210_TOML, 'settings/t210.secrets.toml': SECRETS });
    chmodSync(join(cwd, 'settings/t210.secrets.toml'), mode);
    const { client, secrets } = await loadOne(cwd, 't210');
    assert.deepEqual((client.settings as { encryption_key: unknown }).encryption_key, KEY_BYTES);
    assert.deepEqual(secrets, ['client.encryption_key']);
  });
}

test('a credential may be readable by its group, and takes the place of the file of its name', async (context) => {
  const cwd = folderOf(context, {
    'settings/t210.toml': T210_TOML,
    'settings/t210.secrets.toml': `client.encryption_key = "${OTHER_KEY}"\nclient.authentication_key = "${OTHER_KEY}"`,
    'credentials/t210.secrets.toml': SECRETS,
  });
  chmodSync(join(cwd, 'credentials/t210.secrets.toml'), 0o440);
  chmodSync(join(cwd, 'settings/t210.secrets.toml'), 0o644);
  const { client, files, secrets } = await loadOne(cwd, 't210', { env: { CREDENTIALS_DIRECTORY: join(cwd, 'credentials') } });
  assert.deepEqual((client.settings as { encryption_key: unknown }).encryption_key, KEY_BYTES);
  assert.deepEqual(secrets, ['client.encryption_key']);
  assert.deepEqual(files, ['settings/t210.toml', 'credential t210.secrets.toml']);
});

test('an empty credential, as the unit sets it where there is no file, is no problem and replaces the file all the same', async (context) => {
  const cwd = folderOf(context, {
    'settings/t210.toml': T210_TOML,
    'settings/t210.secrets.toml': SECRETS,
    'credentials/t210.secrets.toml': '',
    'credentials/default.secrets.toml': '',
  });
  const { files, secrets } = await loadOne(cwd, 't210', { env: { CREDENTIALS_DIRECTORY: join(cwd, 'credentials') } });
  assert.deepEqual(secrets, []);
  assert.deepEqual(files, ['settings/t210.toml', 'credential default.secrets.toml', 'credential t210.secrets.toml']);
});

test('a file whose credential is absent is read as ever', async (context) => {
  const cwd = folderOf(context, {
    'settings/t210.toml': T210_TOML,
    'settings/t210.secrets.toml': SECRETS,
    'credentials/default.secrets.toml': 'mqtt.password = "hunter22"',
  });
  const { secrets } = await loadOne(cwd, 't210', { env: { CREDENTIALS_DIRECTORY: join(cwd, 'credentials') } });
  assert.deepEqual(secrets, ['client.encryption_key', 'mqtt.password']);
});

test('a problem in a credential names the credential', async (context) => {
  const cwd = folderOf(context, {
    'settings/t210.toml': T210_TOML,
    'credentials/t210.secrets.toml': 'client.encryption_key = "1234"',
  });
  assert.deepEqual(await problemsOf(cwd, ['t210'], { env: { CREDENTIALS_DIRECTORY: join(cwd, 'credentials') } }), [
    'credential t210.secrets.toml: client.encryption_key: expected 32 hexadecimal digits (16 bytes), found a text of 4 characters (not shown)',
  ]);
});

test('a secrets file that must not be read is a problem, a credential of its name heals it, and it can be excused', async (context) => {
  const cwd = folderOf(context, {
    'settings/t210.toml': `${T210_TOML}\nsinks.web-push.path = "/"`,
    'settings/t210.secrets.toml': SECRETS,
    'credentials/t210.secrets.toml': 'sinks.web-push.token = "hunter22"',
  });
  chmodSync(join(cwd, 'settings/t210.secrets.toml'), 0);
  chmodSync(join(cwd, 'credentials/t210.secrets.toml'), 0o444);
  await withoutRoot(async () => {
    assert.deepEqual(await problemsOf(cwd, ['t210']), [
      'settings/t210.secrets.toml: cannot be read: permission denied; run as its owner, or let systemd hand it over as a credential',
    ]);
    const [healed] = await load(cwd, ['t210'], { env: { CREDENTIALS_DIRECTORY: join(cwd, 'credentials') } });
    assert.deepEqual(healed?.secrets, ['sinks.web-push.token']);
    const excused = await loadOne(cwd, 't210', { unreadableSecrets: 'excuse' });
    assert.deepEqual(excused.unreadable, ['settings/t210.secrets.toml']);
  });
});

test('a plain file that must not be read is always a problem', async (context) => {
  const cwd = folderOf(context, { 'settings/dummy.toml': DUMMY_TOML, 'settings/default.toml': '' });
  chmodSync(join(cwd, 'settings/default.toml'), 0);
  await withoutRoot(async () => {
    assert.deepEqual(await problemsOf(cwd, ['dummy'], { unreadableSecrets: 'excuse' }), [
      'settings/default.toml: cannot be read: permission denied',
    ]);
  });
});

/** Modes bind everybody but root, as whom tests may run in a container. */
async function withoutRoot(act: () => Promise<void>): Promise<void> {
  const { geteuid, seteuid } = process;
  if (geteuid?.() !== 0 || !seteuid) return act();
  const nobody = 65_534;
  seteuid(nobody);
  try {
    await act();
  } finally {
    seteuid(0);
  }
}
