import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ELSEWHERE } from '../support/mqtt-certificates.js';
import { startProgram } from '../support/program.js';
import { CUT_PEM, literal, SECRET_KEYS, SECRET_PASSWORD, SECRET_PEM, SECRETS } from '../support/secret-household.js';
import { leaks } from '../support/secrets.js';

const [KEY, OTHER_KEY] = [SECRET_KEYS.encryptionKey, SECRET_KEYS.authenticationKey].map((key) =>
  Buffer.from(key).toString('hex'),
);
const URL = 'mqtt://localhost:1';

const METER = `device.id = "meter"\nclient.type = "p1"\nclient.link.path = "/dev/p1"\nsinks.homie.mqtt.url = "${URL}"\nlog.level = "debug"\n`;

/** What is wrong, the files and variables it is in, and what is said of it. */
interface Mistake {
  readonly what: string;
  /** What stands in `meter.secrets.toml`. */
  readonly secrets?: string;
  /** What stands in `meter.toml` beside the rest. */
  readonly plain?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly mode?: number;
  readonly says: RegExp;
}

const MISTAKES: readonly Mistake[] = [
  {
    what: 'a secrets file that others can read',
    secrets: `client.encryption_key = "${KEY}"\nmqtt.password = ${literal(SECRET_PASSWORD)}\nmqtt.key = ${literal(SECRET_PEM)}`,
    mode: 0o644,
    says: /mqtt\.password: group or others can read this file \(mode 0644\): chmod 600/,
  },
  { what: 'a key whose quote is not closed', secrets: `client.encryption_key = "${KEY}\n`, says: /line 1, column \d+: / },
  { what: 'a key without quotes', secrets: `client.encryption_key = ${KEY}\n`, says: /line 1, column \d+: / },
  { what: 'a key in a line that is no TOML', secrets: `[client]\nencryption_key: ${KEY}\n`, says: /line 2, column \d+: / },
  { what: 'a password with a wrong escape', secrets: `mqtt.password = "\\q${KEY}"\n`, says: /line 1, column \d+: / },
  { what: 'a password without quotes', secrets: `mqtt.password = ${SECRET_PASSWORD}\n`, says: /line 1, column \d+: / },
  { what: 'a private key without quotes', secrets: `mqtt.key = ${SECRET_PEM}`, says: /line 1, column \d+: / },
  { what: 'a private key between simple quotes', secrets: `mqtt.key = "${SECRET_PEM}"`, says: /line 1, column \d+: / },
  {
    what: 'a key that is written twice',
    secrets: `client.encryption_key = "${KEY}"\nclient.encryption_key = "${KEY}"\n`,
    says: /line 2, /,
  },
  {
    what: 'unknown keys that hold secrets, and a secret for a name',
    secrets: `client.encryption_kee = "${KEY}"\nmqtt.pasword = ${literal(SECRET_PASSWORD)}\n"${KEY}" = true\n[${OTHER_KEY}]\nx = 1\n`,
    says: /mqtt\.pasword: unknown key: did you mean mqtt\.password\?|mqtt\.pasword: unknown key/,
  },
  {
    what: 'keys of a wrong length, and with a letter that is no digit',
    secrets: `client.encryption_key = "${KEY?.slice(1)}"\nclient.authentication_key = "${OTHER_KEY}x"\n`,
    says: /client\.encryption_key: expected 32 hexadecimal digits \(16 bytes\), found a text of 31 characters \(not shown\)/,
  },
  {
    what: 'secrets in a list, a section and a number',
    secrets: `client.encryption_key = ["${KEY}"]\nclient.authentication_key.hex = "${OTHER_KEY}"\nmqtt.password = 31415926535897\n`,
    says: /client\.encryption_key: expected 32 hexadecimal digits \(16 bytes\), found a list/,
  },
  {
    what: 'secrets in a plain file, in keys that are none',
    plain: `client.encryption_key = "${KEY}"\nmqtt.cert = ${literal(SECRET_PEM)}\ndevice.name = "${OTHER_KEY}"\nclient.period = "${KEY}"`,
    says: /client\.encryption_key: a secret has no place in this file/,
  },
  {
    what: 'a user and a password in the address of the broker',
    plain: `mqtt.url = "mqtt://me:${encodeURIComponent(SECRET_PASSWORD)}@localhost"\nclient.time_zone = ${literal(`me:${SECRET_PASSWORD}@localhost`)}`,
    says: /mqtt\.url: expected mqtt:\/\/host:port .*not shown/,
  },
  {
    what: 'secrets in variables that are none, or hold none',
    env: {
      SMART_METER_CLIENT__ENCRYPTION_KEE: KEY ?? '',
      SMART_METER_CLIENT__AUTHENTICATION_KEY: `${OTHER_KEY}00`,
      SMART_METER_MQTT__URL: `mqtt://:${SECRET_PASSWORD}@localhost`,
    },
    says: /environment variable SMART_METER_CLIENT__AUTHENTICATION_KEY: .*\(not shown\)/,
  },
  {
    what: 'a password without a user, and a key without a certificate',
    secrets: `mqtt.password = ${literal(SECRET_PASSWORD)}\nmqtt.key = ${literal(CUT_PEM)}\n`,
    says: /mqtt\.username: is needed beside mqtt\.password/,
  },
];

/** Runs a command on the settings to its end. @returns its exit code, and all that it said */
async function outputOf(command: string, mistake: Mistake): Promise<{ readonly code: number | null; readonly text: string }> {
  const { secrets = '', plain = '', env = {}, mode = 0o600 } = mistake;
  await using program = await startProgram({
    args: [command, 'meter'],
    settings: { 'meter.toml': `${METER}${plain}\n`, 'meter.secrets.toml': secrets },
    env: { DEBUG: '*', ...env },
    under: () => ['sh', '-c', `chmod ${mode.toString(8)} settings/meter.secrets.toml; exec "$@"`, 'sh'],
  });
  const { code } = await program.exit;
  return { code, text: `${program.stdout()}${program.stderr()}` };
}

for (const mistake of MISTAKES) {
  test(`${mistake.what}: said by run and by check, without a part of any secret`, async () => {
    const [run, check] = await Promise.all([outputOf('run', mistake), outputOf('check', mistake)]);
    assert.match(run.text, mistake.says);
    assert.match(check.text, mistake.says);
    assert.deepEqual([run.code, check.code], [78, 78]);
    assert.deepEqual(leaks(SECRETS, { run: run.text, check: check.text }), []);
  });
}

test('settings without a mistake: check names the secrets and shows no part of any', async () => {
  const { code, text } = await outputOf('check', {
    what: 'none',
    secrets: `
client.encryption_key = "${KEY}"
client.authentication_key = "${OTHER_KEY}"
mqtt.username = "meter"
mqtt.password = ${literal(SECRET_PASSWORD)}
mqtt.cert = ${literal(ELSEWHERE.cert)}
mqtt.key = ${literal(SECRET_PEM)}
`,
    says: /./,
  });
  assert.match(text, /^ {2}secrets set: client\.encryption_key, client\.authentication_key, mqtt\.password, mqtt\.key$/m);
  assert.equal(code, 0);
  assert.deepEqual(leaks(SECRETS, { check: text }), []);
});
