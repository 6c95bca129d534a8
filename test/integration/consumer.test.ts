import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipWithoutBroker, startBroker } from '../support/broker.js';
import { dummyToml, kamstrupToml, t210Toml } from '../support/environments.js';
import { discover } from '../support/homie-controller.js';
import { observe, type Observer } from '../support/mqtt-observer.js';
import { plugInMultical } from '../support/multical.js';
import { startProgram } from '../support/program.js';
import { ptyPair } from '../support/pty.js';
import { KEYS, plugInT210, secretsToml } from '../support/t210.js';

const DEVICES = ['dummy-smart-meter', 'electric-smart-meter', 'heat-smart-meter'];

/** Every property value as a plain subscriber sees it: `device/node/property` → payload. */
function valuesOf({ topics }: Observer): Map<string, string> {
  const values = [...topics].filter(([topic]) => topic.split('/').length === 4 && !topic.includes('$'));
  return new Map(values.map(([topic, payload]) => [topic.replace('homie/', ''), payload]));
}

test(
  'an independent Homie controller lists three meters of one process, with all their values',
  { skip: skipWithoutBroker },
  async () => {
    await using broker = await startBroker();
    const { url } = broker;
    await using observer = await observe(url);
    await using p1 = await ptyPair();
    await using infrared = await ptyPair();
    await using meter = await plugInT210(p1.far, { keys: KEYS });
    await using _multical = await plugInMultical(infrared.far);
    await using program = await startProgram({
      args: ['run', 'dummy', 't210', 'kamstrup_403'],
      settings: {
        'dummy.toml': dummyToml({ url, interval: '1h' }),
        't210.toml': t210Toml({ id: 'electric-smart-meter', name: 'Sagemcom T210-D-r Stromzähler', url, path: p1.near }),
        't210.secrets.toml': secretsToml(KEYS),
        'kamstrup_403.toml': kamstrupToml({
          id: 'heat-smart-meter',
          name: 'Kamstrup 403 Fernwärmezähler',
          url,
          path: infrared.near,
        }),
      },
    });
    for (const device of DEVICES) await observer.shows(`homie/${device}/$state`, 'ready');
    await meter.stop();

    await using controller = await discover(url);
    const agrees = (): boolean => [...valuesOf(observer)].every(([path, payload]) => controller.values.get(path) === payload);
    // Either of the two may be the last to learn a value.
    await Promise.race([controller.until(agrees), observer.until(agrees, 'the same values at both')]);

    assert.deepEqual(controller.states(), Object.fromEntries(DEVICES.map((device) => [device, 'ready'])));
    assert.deepEqual([...controller.values.keys()].sort(), [...valuesOf(observer).keys()].sort());
    // One of each, written out, so that neither list can be empty by mistake.
    assert.ok(Number(controller.values.get('dummy-smart-meter/energy/imported-total')) > 0);
    assert.equal(controller.values.get('electric-smart-meter/energy/used-tariff-2'), '1201201');
    assert.equal(controller.values.get('heat-smart-meter/temperatures/temp-diff'), '36.84');
    assert.equal((await program.end('SIGTERM')).code, 0);
  },
);
