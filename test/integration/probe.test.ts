import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openLink } from '../../src/transports/open-link.js';
import { dsmr3, withEvenParity } from '../support/dsmr.js';
import { t210Toml } from '../support/environments.js';
import { MAIN, startProgram } from '../support/program.js';
import { ptyPair } from '../support/pty.js';
import { simulate } from '../support/simulate.js';
import { atTerminal } from '../support/terminal.js';
import { skipWithout } from '../support/tool.js';

const skip = { skip: skipWithout('socat') };

interface Json {
  readonly kind: string;
  readonly [key: string]: unknown;
}

const jsonOf = (stdout: string): Json[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Json);

test('an encrypted T210 at a serial port is found, and its settings are written and valid', skip, async () => {
  await using meter = await simulate('t210', '--interval', '0.3');
  await using probe = await startProgram({ args: ['probe', meter.at, '--write', 'found'], env: { TZ: 'Europe/Vienna' } });
  assert.equal((await probe.exit).code, 0, probe.stderr());
  assert.match(
    probe.stdout(),
    /protocol +P1 at 115200 8N1, encrypted\n +meter +Sagemcom\n +serial number 5341473500123456\n +telegrams +5, one every 0\.3 s; none damaged\n/,
  );
  assert.match(probe.stdout(), /systemctl enable --now smart-meter-reader@found/);
  assert.equal(probe.stdout().includes('\x1b'), false, 'no colours outside of a terminal');
  assert.equal((await stat(join(probe.folder, 'settings', 'found.secrets.toml'))).mode & 0o777, 0o600);
  assert.match(await readFile(join(probe.folder, 'settings', 'found.toml'), 'utf8'), /time_zone = "Europe\/Vienna"/);
  const check = await probe.again(['check', 'found']);
  assert.equal((await check.exit).code, 0, check.stderr());

  const again = await probe.again(['probe', meter.at, '--write', 'found', '--json']);
  assert.equal((await again.exit).code, 73);
  assert.match(again.stderr(), /found\.toml is there already: nothing was written/);
});

test('several ports are looked at together: DSMR 5 over TCP, a Multical whose head echoes, and nothing at all', async () => {
  await using dsmr = await simulate('dsmr5', '--port', '0', '--interval', '0.2');
  await using heat = await simulate('multical403', '--port', '0', '--fault', 'echo');
  await using probe = await startProgram({ args: ['probe', dsmr.at, heat.at, '/dev/no-such-port', '--json', '--seconds', '1'] });
  assert.equal((await probe.exit).code, 0, probe.stderr());
  assert.equal(probe.stderr(), '');
  const found = new Map(jsonOf(probe.stdout()).map((each) => [(each.place as { name: string }).name, each]));
  const p1 = found.get(dsmr.at);
  assert.deepEqual([p1?.kind, p1?.encrypted, p1?.line, p1?.model, p1?.telegrams], ['p1', false, 'tcp', 'ISK5\\2M550T-0000', 5]);
  const objects = p1?.objects as readonly { obis: string; property: string; seen: number }[];
  assert.equal(objects.length, 35);
  assert.ok(objects.every(({ seen, property }) => seen === 5 && property));
  const kamstrup = found.get(heat.at);
  assert.deepEqual([kamstrup?.kind, kamstrup?.serial], ['kamstrup', '76543210']);
  assert.equal((kamstrup?.registers as readonly unknown[]).length, 8);
  const none = found.get('/dev/no-such-port');
  assert.deepEqual([none?.kind, none?.reached], ['nothing', false]);
  assert.match(String(none?.detail), /there is no such port/);
});

test('a meter of DSMR 3 is found at 9600 7E1', skip, async () => {
  await using pty = await ptyPair();
  await using probe = await startProgram({ args: ['probe', pty.near, '--seconds', '0.7'] });
  const stop = new AbortController();
  const link = await openLink(
    { type: 'serial', path: pty.far, baud_rate: 9_600, data_bits: 8, parity: 'none', stop_bits: 1 },
    stop.signal,
  );
  const sending = setInterval(() => void link.write(withEvenParity(dsmr3()), stop.signal).catch(() => undefined), 150);
  try {
    assert.equal((await probe.exit).code, 0, probe.stderr());
  } finally {
    clearInterval(sending);
    await link.close();
  }
  assert.match(probe.stdout(), /protocol +P1 at 9600 7E1, not encrypted\n/);
  assert.match(probe.stdout(), /1-0:1\.7\.0 +\(0000\.98\*kW\) +always +power\/current-usage/);
});

test('a silent port ends in bounded time with advice, and a head that hears only itself is told from it', async () => {
  await using silent = await simulate('multical403', '--port', '0', '--fault', 'silence');
  await using echoing = await simulate('multical403', '--port', '0', '--fault', 'echo,silence');
  await using probe = await startProgram({ args: ['probe', silent.at, echoing.at, '--seconds', '0.3'] });
  assert.equal((await probe.exit).code, 69);
  assert.match(probe.stdout(), /○ 127\.0\.0\.1:\d+\n {2}silent; is the cable in.*--head shows live how it sits/);
  assert.match(probe.stdout(), /◐ 127\.0\.0\.1:\d+\n {2}an IR head .*hears only its own echo/);
});

test('a head is followed while it is moved, until it sits well', async () => {
  await using meter = await simulate('multical403', '--port', '0', '--fault', 'corruption=40%,noise=30%', '--seed', '60');
  await using probe = await startProgram({ args: ['probe', '--head', meter.at, '--json'] });
  assert.equal((await probe.exit).code, 0, probe.stderr());
  const shown = jsonOf(probe.stdout());
  const tries = shown.filter(({ kind }) => kind === 'alignment').map(({ hears }) => hears);
  assert.deepEqual(tries.slice(-5), ['good', 'good', 'good', 'good', 'good']);
  assert.ok(tries.includes('damaged'), tries.join());
  assert.equal(shown.at(-1)?.kind, 'kamstrup');
});

test('Ctrl-C ends it at once, with nothing found', async () => {
  await using meter = await simulate('multical403', '--port', '0', '--fault', 'silence');
  await using probe = await startProgram({ args: ['probe', meter.at, '--seconds', '0.3'] });
  await probe.says(/asking for a heat meter/);
  const { code, afterMs } = await probe.end('SIGINT');
  assert.equal(code, 69);
  assert.ok(afterMs < 5_000, `${afterMs} ms`);
  assert.equal(probe.stderr().includes('error in the program'), false);
});

test('a port that another program reads is said to be in use', skip, async () => {
  await using meter = await simulate('t210', '--interval', '0.2');
  await using reader = await startProgram({
    args: ['run', 't210'],
    settings: {
      't210.toml': t210Toml({ id: 'e', name: 'E', url: 'mqtt://127.0.0.1:9', path: meter.at, client: 'period = "1s"' }),
    },
  });
  await reader.says(/meter failing: encrypted frame/);
  await using probe = await startProgram({ args: ['probe', meter.at] });
  assert.equal((await probe.exit).code, 69);
  assert.match(probe.stdout(), /another program is using it.*\n.*systemctl stop smart-meter-reader@/);
  await reader.end('SIGTERM');
});

test('at a terminal there are colours, and the settings are offered', { skip: skipWithout('socat', 'script') }, async () => {
  await using meter = await simulate('dsmr5', '--port', '0', '--interval', '0.2');
  const command = `'${process.execPath}' '${MAIN}' probe ${meter.at}`;
  for (const [answer, env, coloured, outcome] of [
    ['n', {}, true, /To have its settings written: --write dsmr/],
    ['y', { NO_COLOR: '1' }, false, /Written into .*settings: dsmr\.toml/],
  ] as const) {
    await using folder = await startProgram({ args: ['--version'] });
    await folder.exit;
    const { code, shown } = await atTerminal(command, [[/\[y\/N\]/, `${answer}\n`]], {
      cwd: folder.folder,
      env: { PATH: process.env.PATH, TERM: 'xterm', ...env },
    });
    assert.equal(code, 0, shown);
    assert.equal(shown.includes('\x1b[32m● '), coloured);
    assert.match(shown, outcome);
  }
});

test('what it cannot do is said in words', async () => {
  for (const [args, code, says] of [
    [['probe', '--head', 'a', 'b'], 64, /--head takes one port/],
    [['probe', '/dev/null', '--seconds', 'long'], 64, /--seconds takes a number from 0\.1 to 86400/],
    [['probe', '/dev/null', '--write', 'x'], 69, /--write is for one meter, and none was found/],
  ] as const) {
    await using probe = await startProgram({ args });
    assert.equal((await probe.exit).code, code, probe.stderr());
    assert.match(probe.stderr(), says);
  }
});
