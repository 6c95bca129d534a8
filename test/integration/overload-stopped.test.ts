import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { skipWithoutBroker, startBroker } from '../support/broker.js';
import { t210Toml } from '../support/environments.js';
import { observe } from '../support/mqtt-observer.js';
import { startProgram } from '../support/program.js';
import { ptyPair } from '../support/pty.js';
import { KEYS, plugInT210, secretsToml } from '../support/t210.js';
import { skipWithout } from '../support/tool.js';

const DEVICE = 'homie/t210';
const RECEIVED = `${DEVICE}/meter/received-at`;
/** Longer than three periods of the meter, shorter than what a broker waits for a sign of life. */
const STOPPED_MS = 5_000;

for (const [what, sending] of [
  ['a meter that went on sending', true],
  ['a meter that sent nothing meanwhile', false],
] as const) {
  test(
    `a program that was stopped for seconds goes on: ${what} is not called silent, and nothing old follows what is newer`,
    { skip: skipWithoutBroker || skipWithout('socat') },
    async () => {
      await using broker = await startBroker();
      await using observer = await observe(broker.url);
      await using pty = await ptyPair();
      const toml = t210Toml({ id: 't210', name: 'T210', url: broker.url, path: pty.near, client: 'period = "1s"' });
      const settings = { 't210.toml': toml, 't210.secrets.toml': secretsToml(KEYS) };
      await using program = await startProgram({ args: ['run', 't210'], settings });
      let quiet = false;
      await using _meter = await plugInT210(pty.far, { keys: KEYS, fault: () => (quiet ? 'silence' : undefined) });
      await observer.shows(`${DEVICE}/$state`, 'ready');
      quiet = !sending;

      program.signal('SIGSTOP');
      await sleep(STOPPED_MS);
      const resumedAt = new Date().toISOString();
      observer.take();
      program.signal('SIGCONT');
      quiet = false;
      const fresh = (): number => observer.seen.filter(({ topic, payload }) => topic === RECEIVED && payload > resumedAt).length;
      await observer.until(() => fresh() >= 5, 'values from after');
      const times = observer.seen.flatMap(({ topic, payload }) => (topic === RECEIVED ? [payload] : []));
      assert.deepEqual(times, [...times].sort());
      const states = observer.seen.flatMap(({ topic, payload }) => (topic === `${DEVICE}/$state` ? [payload] : []));
      assert.deepEqual(states, ['init', 'ready']);
      assert.doesNotMatch(program.stderr(), /warn|error/);
      assert.equal((await program.end('SIGTERM')).code, 0);
    },
  );
}
