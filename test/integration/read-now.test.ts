import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipWithoutBroker, startBroker } from '../support/broker.js';
import { dummyToml, kamstrupToml } from '../support/environments.js';
import { observe } from '../support/mqtt-observer.js';
import { plugInMultical } from '../support/multical.js';
import { startProgram } from '../support/program.js';
import { ptyPair } from '../support/pty.js';

test(
  'SIGUSR1 has a polled meter asked at once, in quiet hours too, but not again and again',
  { skip: skipWithoutBroker },
  async () => {
    await using broker = await startBroker();
    await using observer = await observe(broker.url);
    await using pty = await ptyPair();
    await using multical = await plugInMultical(pty.far);
    const heat = { id: 'heat-smart-meter', name: 'Heat', url: broker.url, path: pty.near };
    await using program = await startProgram({
      args: ['run', 'kamstrup_403', 'dummy'],
      settings: {
        'kamstrup_403.toml': kamstrupToml({ ...heat, client: `quiet_hours = "${quietForHours()}"\ntime_zone = "UTC"` }),
        'dummy.toml': dummyToml({ url: broker.url }),
      },
    });
    await program.says(/kamstrup_403: quiet hours: the meter is not asked for another \d+ minutes/);
    await observer.shows('homie/heat-smart-meter/$state', 'init');
    multical.meter.registers.set(60, { unitCode: 0x03, value: { integer: 55_007, exponent: -3 } });
    program.signal('SIGUSR1');
    await program.says(/kamstrup_403: asked for a reading now/);
    await program.says(/dummy: a reading now was asked for, but this meter sends when it wants to/);
    await observer.shows('homie/heat-smart-meter/energy/imported-total', '55007');
    program.signal('SIGUSR1');
    await program.says(/kamstrup_403: not asked again: a meter is asked at most every 10 s/);
    assert.equal((await program.end('SIGTERM')).code, 0);
    assert.doesNotMatch(program.stderr(), /[Dd]ebugger/);
  },
);

/** Quiet hours that began an hour ago and last for two more. */
function quietForHours(): string {
  const time = (hoursFromNow: number): string => new Date(Date.now() + hoursFromNow * 3_600_000).toISOString().slice(11, 16);
  return `${time(-1)}-${time(2)}`;
}
