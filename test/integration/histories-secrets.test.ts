import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { startProgram } from '../support/program.js';
import { literal, SECRET_PASSWORD } from '../support/secret-household.js';
import { filesBelow, leaks, passwordSecret } from '../support/secrets.js';
import { startWebServer } from '../support/web-server.js';

const SECRETS = {
  token: 'Zx81-kQpV7rN2wTgB5mHc9yLdJ4sXe6u==',
  'bearer token': 'bT4-nWq8sRk2vYx6mZp1cLd9',
  'signing key': 'hmac/7Gd3-fQz5-Lw9n',
  'API key': 'apiKey-5mTr8-2xVb',
  header: 'hdr-Qw3rTy7-uIoP9',
  'webhook path': 'api/webhook/f3c1e8a97b42d605',
  password: SECRET_PASSWORD,
} as const;

test('secrets of sinks that store are in no log, state or output, also when the server repeats them', async () => {
  // Whatever is asked is refused, now for this reason and now for that, and with all that came.
  const statuses = [400, 401, 404, 429, 500, 302];
  let asked = 0;
  await using server = await startWebServer(({ headers, path }) => ({
    status: statuses[asked++ % statuses.length] ?? 500,
    headers: { 'Retry-After': '0' },
    text: `{"error":"refused ${path} ${JSON.stringify(headers).replaceAll('"', '\\"')}"}`,
  }));
  const url = `url = "${server.url}"\n`;
  const settings = {
    'dummy.toml': `device.id = "house"\nlog.level = "debug"\n[client]\ntype = "dummy"\ninterval = "100ms"
[sinks.second]\ntype = "influxdb"\nversion = 2\n${url}org = "o"\nbucket = "b"\nbatch_interval = "100ms"
[sinks.first]\ntype = "influxdb"\nversion = 1\n${url}database = "d"\nusername = "meter"\nbatch_interval = "100ms"
[sinks.http]
[sinks.sem]\ntype = "http"\npreset = "sem"\n${url}
[sinks.basic]\ntype = "http"\nusername = "meter"\n${url}`,
    'dummy.secrets.toml': `[sinks.second]\ntoken = "${SECRETS.token}"
[sinks.first]\npassword = ${literal(SECRETS.password)}
[sinks.http]\nurl = "${server.url}/${SECRETS['webhook path']}"\nbearer_token = "${SECRETS['bearer token']}"\nhmac_key = "${SECRETS['signing key']}"
secret_headers.X-Key = "${SECRETS.header}"
[sinks.sem]\napi_key = "${SECRETS['API key']}"
[sinks.basic]\npassword = ${literal(SECRETS.password)}\n`,
  };
  await using program = await startProgram({ args: ['run', 'dummy'], settings });
  for (const sink of ['second', 'first', 'http', 'basic']) await program.says(new RegExp(`warn dummy ${sink}: `));
  assert.equal((await program.end('SIGTERM')).code, 0);
  await using check = await program.again(['check', 'dummy']);
  assert.equal((await check.exit).code, 0);
  const places = {
    log: program.stderr(),
    output: program.stdout(),
    check: check.stdout() + check.stderr(),
    ...filesBelow(join(program.folder, 'state')),
  };
  const secrets = Object.fromEntries(
    Object.entries(SECRETS).map(([name, text]) => [
      name,
      [...passwordSecret(text), ...(name === 'password' ? passwordSecret(basic(text)) : [])],
    ]),
  );
  assert.deepEqual(leaks(secrets, places), []);
});

function basic(password: string): string {
  return Buffer.from(`meter:${password}`).toString('base64');
}
