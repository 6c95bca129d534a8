import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dummyToml } from '../support/environments.js';
import { startProgram } from '../support/program.js';
import { freePort } from '../support/tcp-server.js';

/** As systemd starts a service: the variable names what standard error really is. */
const AS_A_SERVICE = ['sh', '-c', 'export JOURNAL_STREAM=$(stat -Lc %d:%i /proc/self/fd/2); exec "$0" "$@"'] as const;

/** Begins with the time of day, in UTC. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /;

/** A simulated meter, and a broker that is not there. */
async function settings(): Promise<Readonly<Record<string, string>>> {
  const url = `mqtt://127.0.0.1:${await freePort()}`;
  return { 'dummy.toml': `[log]\nlevel = "debug"\n${dummyToml({ url })}` };
}

test('for the journal each line begins with its priority, and has no time of ours', async () => {
  await using program = await startProgram({ args: ['run', 'dummy'], settings: await settings(), under: () => AS_A_SERVICE });
  await program.says(/^<6>dummy: first reading received$/m);
  await program.says(/^<4>dummy homie: .*trying again until it works$/m);
  await program.end('SIGTERM');
  for (const line of program.stderr().trimEnd().split('\n')) assert.match(line, /^<[3467]>[a-z]/);
  assert.doesNotMatch(program.stderr(), /\d\d:\d\d:\d\d/);
});

test('for the journal each line of what is wrong with the settings is an error', async () => {
  const wrong = { 'dummy.toml': dummyToml({ url: 'http://localhost' }).replace('100ms', 'often') };
  await using program = await startProgram({ args: ['run', 'dummy'], settings: wrong, under: () => AS_A_SERVICE });
  const { code } = await program.exit;
  assert.equal(code, 78);
  const lines = program.stderr().trimEnd().split('\n');
  assert.match(lines[0] ?? '', /^<3>smart-meter-reader: 2 problems with the settings:$/);
  assert.equal(lines.length, 3);
  for (const line of lines) assert.match(line, /^<3>/);
});

test('a variable that is left from a service, whose standard error is elsewhere now, means nothing', async () => {
  await using program = await startProgram({
    args: ['run', 'dummy'],
    settings: await settings(),
    env: { JOURNAL_STREAM: '8:4711' },
  });
  await program.says(/ info dummy: first reading received$/m);
  await program.end('SIGTERM');
  for (const line of program.stderr().trimEnd().split('\n')) assert.match(line, TIME);
});
