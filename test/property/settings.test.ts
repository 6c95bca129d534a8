import assert from 'node:assert/strict';
import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseValue } from '../../src/settings/formats.js';
import { editDistance } from '../../src/settings/nearest.js';
import { DUMMY_TOML, folderOf, problemsOf, T210_TOML } from '../support/settings.js';

/** Hexadecimal keys as grid operators hand them out, and passwords: long enough that they are in a message only if somebody put them there. */
const secrets = fc.oneof(
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('hex')),
  fc.stringMatching(/^[A-Za-z0-9!$%&()*+,:;<>?@^_{|}~-]{12,40}$/),
);

/** Keys that hold a secret, those that a user may take for them, and some that hold sections. */
const secretKeys = fc.constantFrom(
  'client.encryption_key',
  'client.authentication_key',
  'mqtt.password',
  'sinks.homie.mqtt.password',
  'client.encryption_kye',
  'client.key',
  'encryption_key',
  'mqtt.pasword',
  'client.guek',
  't210.client.gak',
  'global.gak',
  'guek',
  'client',
  'mqtt',
  'sinks.homie',
  'sinks',
  'client.encryption_key.value',
  'furniture.colour',
);

/** Ways in which a secret may be written, sound and broken. */
const forms = fc.constantFrom(
  (key: string, secret: string) => `${key} = "${secret}"`,
  (key: string, secret: string) => `${key} = '${secret}'`,
  (key: string, secret: string) => `${key} = ["${secret}"]`,
  (key: string, secret: string) => `${key} = { value = "${secret}" }`,
  (key: string, secret: string) => `${key} = ${secret}`,
  (key: string, secret: string) => `${key} = "${secret}`,
  (key: string, secret: string) => `${key} = "${secret}" and more`,
  (key: string, secret: string) => `${key} "${secret}"`,
  (key: string, secret: string) => `${key} = "\\q${secret}"`,
  (_: string, secret: string) => `sinks.homie.mqtt.url = "mqtt://user:${secret}@localhost"`,
);

const places = fc.constantFrom(
  'settings/default.toml',
  'settings/t210.toml',
  'settings/default.secrets.toml',
  'settings/t210.secrets.toml',
  'credentials/t210.secrets.toml',
);

test('a secret in a wrong place never shows up in a problem', async () => {
  await fc.assert(
    fc.asyncProperty(secrets, secretKeys, forms, places, fc.boolean(), async (secret, key, form, place, open) => {
      const line = form(key, secret);
      const base = line.startsWith('sinks.homie') ? T210_TOML.replace(/^sinks.*$/m, '') : T210_TOML;
      const files: Record<string, string> = { 'settings/t210.toml': base };
      files[place] = `${files[place] ?? ''}\n${line}\n`;
      const cwd = folderOf(undefined, files);
      try {
        if (open) chmodSync(join(cwd, place), 0o644);
        const problems = await problemsOf(cwd, ['t210'], { env: { CREDENTIALS_DIRECTORY: join(cwd, 'credentials') } });
        assert.equal(problems.join('\n').includes(secret), false, problems.join('\n'));
      } finally {
        rmSync(cwd, { recursive: true });
      }
    }),
    { numRuns: 500 },
  );
});

test('a secret in a variable never shows up in a problem', async () => {
  const variables = fc.constantFrom(
    'CLIENT__ENCRYPTION_KEY',
    'CLIENT__ENCRYPTION_KYE',
    'CLIENT',
    'MQTT',
    'GUEK',
    'SINKS__HOMIE',
    'X',
  );
  const cwd = folderOf(undefined, { 'settings/t210.toml': T210_TOML, 'settings/dummy.toml': DUMMY_TOML });
  try {
    await fc.assert(
      fc.asyncProperty(secrets, variables, fc.boolean(), async (secret, variable, several) => {
        const names = several ? ['t210', 'dummy'] : ['t210'];
        const problems = await problemsOf(cwd, names, { env: { [`SMART_METER_${variable}`]: secret } });
        assert.equal(problems.join('\n').includes(secret), false, problems.join('\n'));
      }),
    );
  } finally {
    rmSync(cwd, { recursive: true });
  }
});

test('a meter key never shows up in a problem, whatever key it is written for', async () => {
  const keys = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('hex'));
  const anyKey = fc.constantFrom(
    'device.id',
    'client.type',
    'client.period',
    'client.time_zone',
    'client.link.type',
    'log.level',
    'sinks.x.type',
  );
  await fc.assert(
    fc.asyncProperty(keys, anyKey, async (secret, key) => {
      const others = T210_TOML.split('\n').filter((line) => !line.startsWith(`${key} `));
      const cwd = folderOf(undefined, {
        'settings/t210.toml': [...others, `${key} = "${secret}"`, `"${secret}" = 1`].join('\n'),
      });
      try {
        const problems = await problemsOf(cwd, ['t210']);
        assert.equal(problems.join('\n').includes(secret), false, problems.join('\n'));
        assert.notEqual(problems.length, 0);
      } finally {
        rmSync(cwd, { recursive: true });
      }
    }),
  );
});

test('any TOML table, and any bytes, give problems and never another error', async () => {
  const names = fc.oneof(
    fc.constantFrom(
      'client',
      'type',
      'link',
      'sinks',
      'homie',
      'mqtt',
      'url',
      'device',
      'id',
      '__proto__',
      'constructor',
      'prototype',
      'toString',
    ),
    fc.string({ maxLength: 4 }),
  );
  const values = fc.constantFrom(
    '1',
    '-1.5',
    'true',
    '"p1"',
    '"homie"',
    '[]',
    '[{ a = 1 }]',
    '{}',
    '{ x = 1 }',
    '2026-01-15',
    'nan',
  );
  const lines = fc
    .tuple(fc.array(names, { minLength: 1, maxLength: 4 }), values)
    .map(([path, value]) => `${path.map((name) => JSON.stringify(name)).join('.')} = ${value}`);
  const contents = fc.oneof(
    fc.array(lines, { maxLength: 5 }).map((all) => Buffer.from(all.join('\n'))),
    fc.uint8Array({ maxLength: 50 }),
  );
  await fc.assert(
    fc.asyncProperty(contents, async (content) => {
      const cwd = folderOf(undefined, { 'settings/default.toml': content, 'settings/dummy.toml': DUMMY_TOML });
      try {
        await problemsOf(cwd, ['dummy']);
      } finally {
        rmSync(cwd, { recursive: true });
      }
    }),
    { numRuns: 500 },
  );
});

test('a duration is its number times its unit, in milliseconds', () => {
  const units = fc.constantFrom(
    { unit: 'ms', ms: 1 },
    { unit: 's', ms: 1_000 },
    { unit: 'm', ms: 60_000 },
    { unit: 'h', ms: 3_600_000 },
  );
  fc.assert(
    fc.property(fc.nat(500), units, (count, { unit, ms }) => {
      assert.equal(parseValue({ doc: '', format: 'duration' }, `${count}${unit}`), count * ms);
    }),
  );
});

test('the edit distance is a metric', () => {
  const words = fc.string({ maxLength: 8 });
  fc.assert(
    fc.property(words, words, words, (a, b, c) => {
      assert.equal(editDistance(a, b) === 0, a === b);
      assert.equal(editDistance(a, b), editDistance(b, a));
      assert.ok(editDistance(a, c) <= editDistance(a, b) + editDistance(b, c));
    }),
  );
});
