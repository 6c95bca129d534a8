import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { ConfigError } from '../../src/model/errors.js';
import { defineSettings } from '../../src/model/settings.js';
import { loadSettings, type EnvironmentSettings, type SettingsRequest } from '../../src/settings/load-settings.js';

const SHARED = {
  mqtt: defineSettings({
    url: { doc: 'The broker', format: 'mqtt-url' },
    username: { doc: 'User name', format: 'text', optional: true },
    password: { doc: 'Password', format: 'text', optional: true, sensitive: true },
  }),
};

const P1 = defineSettings({
  encryption_key: { doc: 'Encryption key', format: 'key', optional: true, sensitive: true },
  authentication_key: { doc: 'Authentication key', format: 'key', optional: true, sensitive: true },
  authentication: { doc: 'How frames are verified', format: ['verify', 'crc'], default: 'verify' },
  time_zone: { doc: 'Time zone of the meter', format: 'time-zone', default: 'Europe/Vienna' },
  period: { doc: 'How often the meter sends', format: 'duration', default: '10s', min: 1_000 },
  link: {
    default: 'serial',
    choice: {
      serial: {
        path: { doc: 'Serial port', format: 'text' },
        stop_bits: { doc: 'Stop bits', format: 'integer', default: 1, min: 1, max: 2 },
      },
      tcp: { host: { doc: 'Host', format: 'text' }, port: { doc: 'Port', format: 'integer', default: 2001 } },
    },
  },
});

const DUMMY = defineSettings({
  interval: { doc: 'How often it reports', format: 'duration', default: '10s' },
  noisy: { doc: 'Whether it makes noise', format: 'boolean', default: false },
});

const HOMIE = defineSettings({
  root: { doc: 'First level of all topics', format: 'id', default: 'homie' },
  mqtt: { inherits: 'mqtt', section: SHARED.mqtt },
});

const PUSH = defineSettings({
  token: { doc: 'Token of the server', format: 'text', sensitive: true },
  path: { doc: 'Where to push', format: 'text', default: '/' },
});

/** Components that exist for the tests of settings alone. */
const KINDS = {
  clients: { dummy: () => Promise.resolve({ settings: DUMMY }), p1: () => Promise.resolve({ settings: P1 }) },
  sinks: { homie: () => Promise.resolve({ settings: HOMIE }), 'web-push': () => Promise.resolve({ settings: PUSH }) },
};

/** A key that is nobody's. */
export const KEY = '00112233445566778899aabbccddeeff';

/** A dummy meter that needs nothing else. Dotted keys, so that a test can add lines above and below. */
export const DUMMY_TOML = `
device.id = "dummy-smart-meter"
client.type = "dummy"
sinks.homie.mqtt.url = "mqtt://localhost"
`;

/** A T210 without its keys. */
export const T210_TOML = `
device.id = "electric-smart-meter"
client.type = "p1"
client.link.path = "/dev/p1"
sinks.homie.mqtt.url = "mqtt://localhost"
`;

/** Makes a folder that the test removes, with the given files: those of secrets with mode 0600, the others 0644. */
export function folderOf(context: TestContext | undefined, files: Readonly<Record<string, string | Uint8Array>>): string {
  const root = mkdtempSync(join(tmpdir(), 'settings-'));
  context?.after(() => {
    rmSync(root, { recursive: true, force: true });
  });
  chmodSync(root, 0o755);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(root, name, '..'), { recursive: true });
    writeFileSync(join(root, name), text, { mode: name.endsWith('.secrets.toml') ? 0o600 : 0o644 });
  }
  return root;
}

/** Loads settings from `./settings` of a folder, with the components of the tests. */
export function load(
  cwd: string,
  names: readonly string[],
  request: Partial<SettingsRequest> = {},
): Promise<readonly EnvironmentSettings[]> {
  return loadSettings({ names, cwd, env: {}, kinds: KINDS, shared: SHARED, ...request });
}

/** The only environment that the settings files of a folder are loaded for. */
export async function loadOne(cwd: string, name: string, request: Partial<SettingsRequest> = {}): Promise<EnvironmentSettings> {
  const [settings] = await load(cwd, [name], request);
  if (!settings) throw new Error(`no settings of ${name}`);
  return settings;
}

/** Every problem that loading finds, as it is printed; none when there is none. */
export async function problemsOf(
  cwd: string,
  names: readonly string[],
  request: Partial<SettingsRequest> = {},
): Promise<string[]> {
  try {
    await load(cwd, names, request);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split('\n');
  }
}
