import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { skipWithoutBroker, startBroker } from '../support/broker.js';
import { dummyToml, t210Toml } from '../support/environments.js';
import { freshlyReady } from '../support/freshly-ready.js';
import { observe } from '../support/mqtt-observer.js';
import { startProgram } from '../support/program.js';
import { ptyPair } from '../support/pty.js';
import { KEYS, plugInT210, secretsToml } from '../support/t210.js';
import { skipWithout } from '../support/tool.js';

test(
  'without free descriptors no port and no broker can be opened, which is said; what is open goes on, and the rest when some are free',
  { skip: skipWithoutBroker || skipWithout('socat', 'prlimit') },
  async () => {
    await using good = await startBroker();
    await using restarted = await startBroker();
    await using observer = await observe(good.url);
    await using pty = await ptyPair();
    const t210 = t210Toml({ id: 't210', name: 'T210', url: good.url, path: pty.near });
    const dummy = dummyToml({ url: good.url, id: 'dummy' });
    const other = `[sinks.other]\ntype = "homie"\n[sinks.other.mqtt]\nurl = "${restarted.url}"\n`;
    const settings = { 't210.toml': t210, 't210.secrets.toml': secretsToml(KEYS), 'dummy.toml': `${dummy}${other}` };
    await using program = await startProgram({ args: ['run', 't210', 'dummy'], settings });
    await using first = await plugInT210(pty.far, { keys: KEYS });
    await observer.shows('homie/t210/$state', 'ready');
    await observer.shows('homie/dummy/$state', 'ready');
    await first.stop();

    limitDescriptors(program.pid, 3);
    await restarted.stop();
    await pty.unplug();
    await restarted.start();
    await pty.replug();
    await program.says(/warn dummy other: lost the broker/);
    await program.says(/warn t210: meter failing: lost /);
    await freshlyReady(observer, 'dummy');
    for (let n = 0; n < 100; n++) await freshlyReady(observer, 'dummy');
    assert.equal(observer.topics.get('homie/t210/$state'), 'alert');

    limitDescriptors(program.pid, 1_024);
    await program.says(/info dummy other: connected again/);
    await using _second = await plugInT210(pty.far, { keys: KEYS, frameCounter: first.meter.frameCounter });
    await freshlyReady(observer, 't210');
    assert.doesNotMatch(program.stderr(), /crash|\n\s+at /);
    assert.equal((await program.end('SIGTERM')).code, 0);
  },
);

/** Limits how many descriptors a process may have: those that are open stay so. */
function limitDescriptors(pid: number, count: number): void {
  execFileSync('prlimit', [`--pid=${pid}`, `--nofile=${count}:`]);
}
