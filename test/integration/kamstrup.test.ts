import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipWithoutBroker, startBroker } from '../support/broker.js';
import { kamstrupToml } from '../support/environments.js';
import { observe } from '../support/mqtt-observer.js';
import { plugInMultical } from '../support/multical.js';
import { startProgram } from '../support/program.js';
import { ptyPair } from '../support/pty.js';

const DEVICE = 'homie/heat-smart-meter';
/** What the topic contract says of the values that the simulated meter shows, written out by hand. */
const EXPECTED = {
  'energy/imported-total': '55006',
  'power/current-usage': '6.4',
  'temperatures/temp1': '70.39',
  'temperatures/temp2': '33.55',
  'temperatures/temp-diff': '36.84',
  'flow/flow': '518',
  'flow/volume': '1875.56',
  'ops/hour-counter': '16411',
  'meter/serial-number': '76543210',
  'meter/status': 'ok',
};

test(
  'a Multical that echoes, sends garbage first and sleeps through the first request is read right',
  { skip: skipWithoutBroker },
  async () => {
    await using broker = await startBroker();
    await using observer = await observe(broker.url);
    await using pty = await ptyPair();
    await using multical = await plugInMultical(pty.far);
    const { meter } = multical;
    meter.faults.echo = true;
    meter.faults.before = Uint8Array.of(0x00, 0x55, 0xaa, 0x80, 0x12, 0x0d);
    meter.faults.silent = 1;
    const toml = kamstrupToml({
      id: 'heat-smart-meter',
      name: 'Kamstrup 403 Fernwärmezähler',
      url: broker.url,
      path: pty.near,
      client: 'poll_interval = "1s"',
    });
    await using program = await startProgram({ args: ['run', 'kamstrup_403'], settings: { 'kamstrup_403.toml': toml } });

    await observer.shows(`${DEVICE}/$state`, 'ready');
    for (const [path, value] of Object.entries(EXPECTED)) assert.equal(observer.topics.get(`${DEVICE}/${path}`), value, path);
    assert.equal(observer.topics.get(`${DEVICE}/$name`), 'Kamstrup 403 Fernwärmezähler');

    meter.registers.set(60, { unitCode: 0x03, value: { integer: 55_007, exponent: -3 } });
    await observer.shows(`${DEVICE}/energy/imported-total`, '55007');

    meter.faults.silent = Infinity;
    await observer.shows(`${DEVICE}/$state`, 'alert');
    assert.match(observer.topics.get(`${DEVICE}/meter/status`) ?? '', /^only echo: /);
    assert.equal((await program.end('SIGTERM')).code, 0);
    assert.equal(observer.seen.filter(({ payload }) => /None|NaN|undefined|null/.test(payload)).length, 0);
  },
);
