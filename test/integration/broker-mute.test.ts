import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipWithoutBroker, startBroker } from '../support/broker.js';
import { startBrokerProxy, type Manner } from '../support/broker-proxy.js';
import { dummyToml } from '../support/environments.js';
import { observe } from '../support/mqtt-observer.js';
import { startProgram } from '../support/program.js';

const STATE = 'homie/dummy-smart-meter/$state';
const RECEIVED = 'homie/dummy-smart-meter/meter/received-at';

for (const [what, manner, said] of [
  [
    'takes connections and never answers',
    'mute',
    /no connection to the broker \S+: no answer within 10 s; is it an MQTT broker\?/,
  ],
  ['welcomes everybody and acknowledges nothing', 'welcoming', /lost the broker \S+: it gives no sign of life/],
] as const satisfies readonly (readonly [string, Manner, RegExp])[]) {
  test(`a broker that ${what} is said once, and served when it works again`, { skip: skipWithoutBroker }, async () => {
    await using broker = await startBroker();
    await using proxy = await startBrokerProxy(broker.port, manner);
    await using observer = await observe(broker.url);
    const settings = { 'dummy.toml': dummyToml({ url: proxy.url }) };
    await using program = await startProgram({ args: ['run', 'dummy'], settings });
    await program.says(said);
    assert.deepEqual([...observer.topics], []);
    const now = new Date().toISOString();
    proxy.behave('passing');
    await observer.shows(STATE, 'ready');
    await program.says(/connected again/);
    const times = observer.seen.flatMap(({ topic, payload }) => (topic === RECEIVED ? [payload] : []));
    assert.ok((times[0] ?? '') > now, 'nothing from before');
    assert.equal(program.stderr().match(/trying again/g)?.length, 1);
    assert.equal((await program.end('SIGTERM')).code, 0);
  });
}
