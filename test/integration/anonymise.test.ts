import assert from 'node:assert/strict';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { DEMO_KEYS } from '../../src/codecs/p1/anonymise.js';
import { encodeTelegram } from '../../src/codecs/p1/encode.js';
import { encodeCapture, parseCapture } from '../../src/transports/capture.js';
import { t210Toml } from '../support/environments.js';
import { frameOf, KEYS, OTHER_KEYS, TITLE_TEXT } from '../support/p1.js';
import { follow, type Program, startProgram } from '../support/program.js';
import { secretsToml } from '../support/t210.js';

const toml = t210Toml({ id: 'meter', name: 'Meter', url: 'mqtt://127.0.0.1:9', path: '/dev/no-such-port' });

/** A folder with a recording of two telegrams with a serial number, cut into pieces, and environments with the real keys, the published ones and others. */
async function prepare(): Promise<Program> {
  const program = await startProgram({
    args: ['--version'],
    settings: {
      't210.toml': toml,
      't210.secrets.toml': secretsToml(KEYS),
      'shown.toml': toml,
      'shown.secrets.toml': secretsToml(DEMO_KEYS),
      'other.toml': toml,
      'other.secrets.toml': secretsToml(OTHER_KEYS),
    },
  });
  await program.exit;
  const frames = [11, 12].map((counter) => {
    const objects = [
      { obis: '0-0:1.0.0', contents: [`2601151200${counter}W`] },
      { obis: '0-0:96.1.0', contents: ['53414731323334353637'] },
      { obis: '1-0:1.8.0', contents: [`00032664${counter}*Wh`] },
    ];
    return frameOf(counter, encodeTelegram({ identification: 'EST5\\253700000_A', objects }));
  });
  const bytes = Buffer.concat(frames);
  const chunks = [0, 100, 200].map((start, at) => ({
    atMs: at * 20,
    direction: 'from' as const,
    bytes: bytes.subarray(start, at === 2 ? undefined : start + 100),
  }));
  const capture = encodeCapture({ header: { client: 'p1', started: '2026-01-15T11:00:11.000Z' }, chunks });
  await writeFile(join(program.folder, 'meter.capture'), capture);
  return program;
}

/** What of the readings has to be the same. */
async function readingsOf(program: Program, environment: string, file: string) {
  const { out, err } = await follow(program, 'replay', environment, file, '--json');
  const lines = out.trim().split('\n');
  return lines
    .map((line) => JSON.parse(line) as { kind: string; receivedAt: number; measuredAt: number; values: Record<string, unknown> })
    .filter(({ kind }) => kind === 'reading')
    .map(({ receivedAt, measuredAt, values }) => {
      assert.ok(values['meter/serial-number'], err);
      return { receivedAt, measuredAt, total: values['energy/imported-total'], serial: values['meter/serial-number'] };
    });
}

test('an anonymised recording gives the same readings with the published keys, and holds no name and no key', async () => {
  await using program = await prepare();
  const { code, out, err } = await follow(program, 'anonymise', 'meter.capture', '--environment', 't210');
  assert.equal(code, 0, err);
  assert.match(out, /^meter\.anonymous\.capture: 2 frames, 2 names replaced\.$/m);
  assert.match(out, /encryption_key = "000102030405060708090A0B0C0D0E0F"/);

  const path = join(program.folder, 'meter.anonymous.capture');
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  const text = await readFile(path, 'latin1');
  const { chunks } = parseCapture(Buffer.from(text, 'latin1'));
  assert.deepEqual(
    chunks.map(({ atMs }) => atMs),
    [0, 20, 40],
  );
  const bare = (text + out).replaceAll(/[\s]/g, '').toUpperCase();
  const secrets = [KEYS.encryptionKey, KEYS.authenticationKey].map((key) => key.toString('hex').toUpperCase());
  for (const secret of [...secrets, TITLE_TEXT]) assert.equal(bare.includes(secret), false);

  const before = await readingsOf(program, 't210', 'meter.capture');
  const after = await readingsOf(program, 'shown', 'meter.anonymous.capture');
  assert.deepEqual(
    before.map(({ serial }) => serial),
    ['SAG1234567', 'SAG1234567'],
  );
  assert.equal(before.length, 2);
  assert.match(JSON.stringify(after[0]?.serial), /^"[A-Z]{3}\d{7}"$/);
  assert.notEqual(after[0]?.serial, 'SAG1234567');
  const unnamed = (readings: typeof before) => readings.map((reading) => ({ ...reading, serial: '' }));
  assert.deepEqual(unnamed(after), unnamed(before));
});

test('an encrypted recording is not anonymised without its keys, or with wrong ones', async () => {
  await using program = await prepare();
  const without = await follow(program, 'anonymise', 'meter.capture');
  assert.equal(without.code, 64);
  assert.match(without.err, /the recording is encrypted: say with --environment whose keys open it/);
  const wrong = await follow(program, 'anonymise', 'meter.capture', '--environment', 'other');
  assert.equal(wrong.code, 1);
  assert.match(wrong.err, /the encryption key opens none of 2 frames: check-key may say why/);
  await assert.rejects(stat(join(program.folder, 'meter.anonymous.capture')));
});
