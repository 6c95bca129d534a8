import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { encodeCapture } from '../../src/transports/capture.js';
import { kamstrupToml, t210Toml } from '../support/environments.js';
import { frameOf, KEYS, telegramOf } from '../support/p1.js';
import { startProgram } from '../support/program.js';
import { ptyPair } from '../support/pty.js';
import { KEYS as METER_KEYS, plugInT210 } from '../support/t210.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const RIGHT = { encryption: hex(KEYS.encryptionKey), authentication: hex(KEYS.authenticationKey) };

/** Settings with keys as somebody wrote them, which need not be valid. */
function settings({ encryption, authentication }: { encryption: string; authentication: string }, path = '/dev/no-such-port') {
  return {
    't210.toml': t210Toml({ id: 'meter', name: 'Meter', url: 'mqtt://127.0.0.1:9', path }),
    't210.secrets.toml': `[client]\nencryption_key = "${encryption}"\nauthentication_key = "${authentication}"\n`,
  };
}

/** Checks keys by a recording of two frames. */
async function checkByCapture(keys: { encryption: string; authentication: string }, bytes?: Uint8Array) {
  await using program = await startProgram({ args: ['--version'], settings: settings(keys) });
  await program.exit;
  const capture = encodeCapture({
    header: {},
    chunks: [{ atMs: 0, direction: 'from', bytes: bytes ?? Buffer.concat([frameOf(1), frameOf(2)]) }],
  });
  await writeFile(join(program.folder, 'meter.capture'), capture);
  const check = await program.again(['check-key', 't210', '--capture', 'meter.capture']);
  const { code } = await check.exit;
  const said = check.stdout() + check.stderr();
  for (const key of [...Object.values(RIGHT), ...Object.values(keys)]) {
    assert.equal(said.toLowerCase().includes(key.toLowerCase()), false, 'no key is shown');
  }
  return { code, said };
}

test('right keys are said to be right', async () => {
  const { code, said } = await checkByCapture(RIGHT);
  assert.equal(code, 0, said);
  assert.equal(
    said,
    `Meter 5341473500123456, keys in settings/t210.secrets.toml:
  encryption_key (GUEK)      right
  authentication_key (GAK)   right
`,
  );
});

test('swapped keys, and a key that the settings refuse for its length, are recognised', async () => {
  const swapped = await checkByCapture({ encryption: RIGHT.authentication, authentication: RIGHT.encryption });
  assert.equal(swapped.code, 1);
  assert.match(swapped.said, /encryption_key \(GUEK\) +it stands in the place of authentication_key\n/);
  // Its last two digits are the same: which of them is missing, nobody can tell.
  const short = await checkByCapture({ ...RIGHT, encryption: RIGHT.encryption.slice(0, -1) });
  assert.equal(short.code, 1);
  assert.match(short.said, /encryption_key \(GUEK\) +right but for this: a digit is missing: the 31st\n/);
  assert.match(short.said, /authentication_key \(GAK\) +right\n/);
});

test('a meter that does not encrypt, and a file without a frame, are told apart', async () => {
  const plain = await checkByCapture(RIGHT, telegramOf(1));
  assert.deepEqual([plain.code, /not encrypted: remove the keys/.test(plain.said)], [1, true]);
  const empty = await checkByCapture(RIGHT, Uint8Array.of(1, 2, 3));
  assert.deepEqual([empty.code, /holds no encrypted frame/.test(empty.said)], [65, true]);
});

test('the keys are checked by the meter itself', async () => {
  await using pty = await ptyPair();
  await using _meter = await plugInT210(pty.far, { keys: METER_KEYS });
  const encryption = hex(METER_KEYS.encryptionKey).replace('12', 'l2').toUpperCase();
  await using program = await startProgram({
    args: ['check-key', 't210'],
    settings: settings({ encryption, authentication: hex(METER_KEYS.authenticationKey) }, pty.near),
  });
  assert.equal((await program.exit).code, 1, program.stderr());
  assert.match(program.stdout(), /encryption_key \(GUEK\) +right but for this: letters stand in the place of digits: the 5th/);
  assert.match(program.stdout(), /authentication_key \(GAK\) +right\n/);
});

test('a meter without encryption has no keys to check', async () => {
  const heat = kamstrupToml({ id: 'heat', name: 'Heat', url: 'mqtt://127.0.0.1:9', path: '/dev/no-such-port' });
  await using program = await startProgram({ args: ['check-key', 'heat'], settings: { 'heat.toml': heat } });
  assert.equal((await program.exit).code, 64);
  assert.match(program.stderr(), /a meter of type kamstrup has no keys/);
});

test('without keys and without a terminal nobody can be asked', async () => {
  await using program = await startProgram({
    args: ['check-key', 't210'],
    settings: { 't210.toml': settings(RIGHT)['t210.toml'] },
  });
  assert.equal((await program.exit).code, 64);
  assert.match(program.stderr(), /encryption_key \(GUEK\) is not set, and there is no terminal to ask at/);
});
