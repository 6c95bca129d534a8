import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { freePort } from '../support/broker.js';
import { dummyToml } from '../support/environments.js';
import { startProgram } from '../support/program.js';
import { ROOT } from '../support/source.js';

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };

test('--version and --help are answered', async () => {
  await using versioned = await startProgram({ args: ['--version'] });
  assert.deepEqual([(await versioned.exit).code, versioned.stdout()], [0, `smart-meter-reader ${version}\n`]);
  await using helped = await startProgram({ args: ['--help'] });
  assert.equal((await helped.exit).code, 0);
  assert.match(helped.stdout(), /smart-meter-reader run \[environment…\]/);
});

for (const [what, args, says] of [
  ['no command', [], /no command given; there are run, check, demo/],
  ['an unknown command', ['walk'], /there is no command "walk"; there are run, check, demo/],
  ['an unknown option', ['run', '--fast'], /Unknown option '--fast'/],
  ['no environment', ['run'], /no environment given: name one, or set SMART_METER_ENVIRONMENT/],
] as const) {
  test(`${what} is wrong usage`, async () => {
    await using program = await startProgram({ args });
    assert.equal((await program.exit).code, 64);
    assert.match(program.stderr(), says);
    assert.match(program.stderr(), /Try "smart-meter-reader --help"/);
    assert.equal(program.stdout(), '');
  });
}

test('five mistakes in the settings are shown together, and nothing is connected', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  let connections = 0;
  server.on('connection', () => (connections += 1));
  const address = server.address();
  assert.ok(typeof address === 'object' && address);
  await using program = await startProgram({
    args: ['run', 'dummy'],
    settings: {
      'dummy.toml': `
[device]
id = "Dummy Meter"
name = "Dummy Device"
[mqtt]
url = "mqtt://127.0.0.1:${address.port}"
user = "me"
[client]
type = "dummy"
interval = "10 seconds"
seed = 1.5
[sinks.homie]
rooot = "homie"
`,
    },
  });
  assert.equal((await program.exit).code, 78);
  const problems = program.stderr();
  assert.match(problems, /5 problems with the settings/);
  for (const part of [
    /dummy\.toml: device\.id: .*"Dummy Meter"/,
    /mqtt\.user.*username/,
    /client\.interval: expected a duration such as 500ms.* found "10 seconds"/,
    /client\.seed: .*1\.5/,
    /sinks\.homie\.rooot.*root/,
  ]) {
    assert.match(problems, part);
  }
  assert.equal(connections, 0);
});

test('check says what would be done and connects to nothing', async () => {
  const url = `mqtt://127.0.0.1:${await freePort()}`;
  await using program = await startProgram({ args: ['check', 'dummy'], settings: { 'dummy.toml': dummyToml({ url }) } });
  assert.equal((await program.exit).code, 0);
  assert.match(program.stdout(), /dummy: the settings are valid/);
  assert.ok(program.stdout().includes(url));
  assert.equal(program.stderr(), '');
});

test('the environment may come from the process, as systemd sets it', async () => {
  await using program = await startProgram({
    args: ['run'],
    env: { SMART_METER_ENVIRONMENT: 'attic' },
    settings: { 'cellar.toml': '' },
  });
  assert.equal((await program.exit).code, 78);
  assert.match(program.stderr(), /attic/);
});
