import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipWithoutBroker, startBroker } from '../support/broker.js';
import { dummyToml, t210Toml } from '../support/environments.js';
import { MAIN, startProgram } from '../support/program.js';
import { simulate } from '../support/simulate.js';
import { atTerminal } from '../support/terminal.js';
import { skipWithout } from '../support/tool.js';

/** Nothing listens there: what is watched publishes nothing. */
const url = 'mqtt://127.0.0.1:9';

const settingsFor = (path: string | number) => ({
  'meter.toml': t210Toml({ id: 'e', name: 'Meter', url, path }),
});
const portOf = (at: string): number => Number(at.split(':').at(-1));

test('a meter is watched in lines until Ctrl-C, or as JSON', async () => {
  await using meter = await simulate('dsmr5', '--port', '0', '--interval', '0.2');
  await using watch = await startProgram({ args: ['watch', 'meter'], settings: settingsFor(portOf(meter.at)) });
  await watch.shows(/reading of e, measured .*\n(?: {4}.*\n)* {4}grid\/voltage-l1 \d+(\.\d)? V\n/);
  await watch.shows(/reading of e(?:.*\n)+.*reading of e/);
  assert.equal((await watch.end('SIGINT')).code, 0);
  assert.equal(watch.stdout().includes('\x1b'), false);

  const json = await watch.again(['watch', 'meter', '--json', '--seconds', '2']);
  assert.equal((await json.exit).code, 0, json.stderr());
  const items = json
    .stdout()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { kind: string });
  assert.ok(items.some(({ kind }) => kind === 'reading'));
});

test('--once is one picture', async () => {
  await using meter = await simulate('multical403', '--port', '0');
  const toml = `[device]\nid = "heat"\nname = "Heat meter"\n[sinks.homie]\n[client]\ntype = "kamstrup"\n[client.link]\ntype = "tcp"\nhost = "127.0.0.1"\nport = ${portOf(meter.at)}\n`;
  await using watch = await startProgram({ args: ['watch', 'heat', '--once'], settings: { 'heat.toml': toml } });
  assert.equal((await watch.exit).code, 0, watch.stderr());
  assert.match(
    watch.stdout(),
    /^heat · Heat meter\nfrom 127\.0\.0\.1:\d+\nok\nKamstrup, Multical, type 0403 \(software F1\), 76543210\n1 reading; 0 faults\n\nenergy\/imported-total +\d+ kWh +0 s\n/,
  );
  assert.equal(watch.stdout().trim().split('\n').length, 14);
});

test('what a service publishes is watched by its broker', { skip: skipWithoutBroker }, async () => {
  await using broker = await startBroker();
  const settings = { 'dummy.toml': dummyToml({ url: broker.url }) };
  await using service = await startProgram({ args: ['run', 'dummy'], settings });
  await service.says(/first reading received/);
  await using watch = await startProgram({ args: ['watch', 'dummy', '--broker', '--once'], settings });
  assert.equal((await watch.exit).code, 0, watch.stderr());
  assert.match(watch.stdout(), /^dummy · Dummy Device\nfrom mqtt:.*\nready\n/);
  assert.match(watch.stdout(), /\nenergy\/imported-total +[\d.]+ kWh +/);

  const live = await watch.again(['watch', 'dummy', '--broker', '--json']);
  await live.shows(/"path":"power\/current-usage","value":\d+,"stored":true/);
  await live.shows(/"path":"meter\/received-at","value":"[^"]+","stored":false/);
  await service.end('SIGTERM');
  await live.shows(/"kind":"state","state":"disconnected"/);
  assert.equal((await live.end('SIGINT')).code, 0);
});

test('what cannot be watched is said, with what to do instead', { skip: skipWithout('socat') }, async () => {
  await using meter = await simulate('t210', '--interval', '0.2');
  await using reader = await startProgram({ args: ['run', 'meter'], settings: settingsFor(meter.at) });
  await reader.says(/meter failing: encrypted frame/);
  const busy = await reader.again(['watch', 'meter']);
  assert.equal((await busy.exit).code, 69);
  assert.match(busy.stderr(), /another program is using it.*systemctl stop smart-meter-reader@meter.*watch meter --broker/s);
  const noBroker = await reader.again(['watch', 'meter', '--broker']);
  assert.equal((await noBroker.exit).code, 69);
  assert.match(noBroker.stderr(), /cannot connect|refused|nothing listens/i);
  const unnamed = await reader.again(['watch']);
  assert.equal((await unnamed.exit).code, 64);
  await reader.end('SIGTERM');
});

test('at a terminal one picture is drawn again in its place, until q', { skip: skipWithout('script') }, async () => {
  await using meter = await simulate('dsmr5', '--port', '0', '--interval', '0.3');
  await using holder = await startProgram({ args: ['check', 'meter'], settings: settingsFor(portOf(meter.at)) });
  await holder.exit;
  const command = `stty columns 60 rows 12; '${process.execPath}' '${MAIN}' watch meter`;
  const { code, shown } = await atTerminal(command, [[/3 readings/, 'q']], {
    cwd: holder.folder,
    env: { PATH: process.env.PATH, TERM: 'xterm', HOME: holder.folder },
  });
  assert.equal(code, 0, shown);
  assert.ok(shown.startsWith('\x1b[?25l'), 'the cursor is hidden');
  assert.ok(shown.trimEnd().endsWith('\x1b[?25h'), 'and shown again');
  assert.ok(shown.includes('\x1b[11A\r\x1b[J'), 'drawn over the picture before');
  assert.ok(shown.includes('more; a higher window shows them'));
  assert.equal(shown.includes(' info meter:'), false, 'no log lines in the picture');
});
