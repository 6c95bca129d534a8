import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { environmentFiles, nextSteps, writeFiles, type FoundMeter } from '../../../../src/commands/probe/environment.js';
import { allPlaces, placeNamed } from '../../../../src/commands/probe/places.js';
import { settingsOf } from '../../../../src/commands/run.js';

const PATH = '/dev/serial/by-id/usb-FTDI "P1"\\cable';
const P1: FoundMeter = {
  kind: 'p1',
  place: { name: '/dev/ttyUSB0', link: { type: 'serial', path: PATH } },
  line: '115200 8N1',
  encrypted: true,
  manufacturer: 'Sagemcom',
  model: 'EST5\n[mqtt]',
  serial: '5341473500123456',
  telegrams: 3,
  damaged: 0,
  everySeconds: 9.9,
  objects: [],
};
const HEAT: FoundMeter = {
  kind: 'kamstrup',
  place: { name: 'pi:2001', link: { type: 'tcp', host: 'pi', port: 2001 } },
  line: 'tcp',
  manufacturer: 'Kamstrup',
  serial: '76543210',
  registers: [],
};

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'probe-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

test('what is written are settings that are valid, whatever the meter says of itself', async (t) => {
  const folder = await folderOf(t);
  await writeFiles(folder, environmentFiles('meter', P1, 'Europe/Vienna'));
  await writeFiles(folder, environmentFiles('heat', HEAT, undefined));
  const [p1, heat] = await settingsOf(['meter', 'heat'], folder, { cwd: folder, env: {} });
  const client = p1?.client.settings as { time_zone: string; period: number; link: Record<string, unknown> };
  assert.deepEqual([p1?.client.type, client.time_zone, client.period], ['p1', 'Europe/Vienna', 10_000]);
  assert.deepEqual([client.link.type, client.link.path, client.link.preset], ['serial', PATH, 't210']);
  assert.deepEqual(heat?.client.settings, {
    poll_interval: 3_600_000,
    quiet_hours: undefined,
    time_zone: undefined,
    link: { type: 'tcp', host: 'pi', port: 2001 },
  });
  assert.deepEqual(
    heat.sinks.map(({ type }) => type),
    ['homie'],
  );
});

test('meters that do not encrypt have no secrets; old ones their line', () => {
  const files = environmentFiles('dsmr', { ...P1, encrypted: false, line: '9600 7E1' }, undefined);
  assert.deepEqual(
    files.map(({ name, mode }) => [name, mode]),
    [['dsmr.toml', 0o640]],
  );
  assert.match(files[0]?.text ?? '', /\npreset = "dsmr3"\n/);
});

test('a skeleton for keys is for its owner alone, also with a mask that takes nothing away', async (t) => {
  const folder = await folderOf(t);
  const mask = process.umask(0);
  try {
    await writeFiles(folder, environmentFiles('t210', P1, undefined));
  } finally {
    process.umask(mask);
  }
  assert.equal((await stat(join(folder, 't210.secrets.toml'))).mode & 0o777, 0o600);
  const secrets = await readFile(join(folder, 't210.secrets.toml'), 'utf8');
  assert.match(secrets, /^# encryption_key = ""$/m);
  assert.match(secrets, /^# authentication_key = ""$/m);
});

test('nothing is replaced, and then nothing is written at all', async (t) => {
  const folder = await folderOf(t);
  await writeFile(join(folder, 't210.secrets.toml'), 'mine');
  await assert.rejects(
    writeFiles(folder, environmentFiles('t210', P1, undefined)),
    /t210\.secrets\.toml is there already: nothing was written/,
  );
  assert.deepEqual(await readdir(folder), ['t210.secrets.toml']);
  assert.equal(await readFile(join(folder, 't210.secrets.toml'), 'utf8'), 'mine');
});

test('the next steps end with the service', () => {
  assert.equal(
    nextSteps('t210', '/etc/smart-meter-reader', true, environmentFiles('t210', P1, undefined)),
    `  nano /etc/smart-meter-reader/t210.secrets.toml   # put in the keys from the grid operator
  smart-meter-reader check-key t210                # are they right?
  smart-meter-reader check t210                    # are the settings valid?
  smart-meter-reader watch t210                    # what does it read?
  systemctl enable --now smart-meter-reader@t210   # from now on, and after every boot
`,
  );
});

test('adapters are found by names that stay, and a port that is named is known by such a name', async (t) => {
  const folder = await folderOf(t);
  const [byId, devices] = [join(folder, 'by-id'), join(folder, 'dev')];
  await mkdir(byId);
  await mkdir(devices);
  for (const name of ['ttyUSB0', 'ttyUSB1', 'ttyS0', 'tty1', 'null']) await writeFile(join(devices, name), '');
  const paths = async (): Promise<string[]> => (await allPlaces(byId, devices)).map(({ name }) => name);
  assert.deepEqual(await paths(), [join(devices, 'ttyUSB0'), join(devices, 'ttyUSB1')]);
  await symlink('../dev/ttyUSB1', join(byId, 'usb-head'));
  assert.deepEqual(await paths(), [join(byId, 'usb-head')]);
  assert.deepEqual((await placeNamed('dev/ttyUSB1', folder, byId)).link, { type: 'serial', path: join(byId, 'usb-head') });
  assert.deepEqual((await placeNamed('dev/ttyUSB0', folder, byId)).link, { type: 'serial', path: join(devices, 'ttyUSB0') });
  assert.deepEqual(await allPlaces(join(folder, 'none'), join(folder, 'none')), []);
});

for (const [name, link] of [
  ['pi.local:2001', { type: 'tcp', host: 'pi.local', port: 2001 }],
  ['192.168.1.5:23', { type: 'tcp', host: '192.168.1.5', port: 23 }],
  ['[::1]:2001', { type: 'tcp', host: '::1', port: 2001 }],
  ['/dev/pci-0:1', { type: 'serial', path: '/dev/pci-0:1' }],
] as const) {
  test(`${name} is ${link.type === 'tcp' ? 'a TCP port' : 'a path'}`, async () => {
    assert.deepEqual((await placeNamed(name, '/cwd', '/no/such')).link, link);
  });
}
