import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { CLIENTS } from '../../../src/clients/index.js';
import { SINKS } from '../../../src/sinks/index.js';
import { MQTT_SETTINGS } from '../../../src/transports/mqtt-settings.js';
import { folderOf, loadOne, problemsOf } from '../../support/settings.js';

const request = { kinds: { clients: CLIENTS, sinks: SINKS }, shared: { mqtt: MQTT_SETTINGS } };

/** A folder with the environment `meter`, whose client has this type and these lines of `[client.link]`. */
function folderWith(context: TestContext, type: string, link: string): string {
  const toml = `device.id = "meter"\nmqtt.url = "mqtt://localhost"\nsinks.homie.root = "homie"\nclient.type = "${type}"\n[client.link]\n${link}`;
  return folderOf(context, { 'settings/meter.toml': toml });
}

for (const type of ['p1', 'kamstrup']) {
  test(`a ${type} meter is reached over a host and a port`, async (context) => {
    const folder = folderWith(context, type, 'type = "tcp"\nhost = "adapter.local"\nport = 2001');
    const { client } = await loadOne(folder, 'meter', request);
    const { type: kind, host, port } = Reflect.get(Object(client.settings), 'link') as Record<string, unknown>;
    assert.deepEqual({ kind, host, port }, { kind: 'tcp', host: 'adapter.local', port: 2_001 });
  });
}

test('host and port have no defaults, and a line has no speed there', async (context) => {
  const folder = folderWith(context, 'p1', 'type = "tcp"\nbaud_rate = 115200');
  assert.deepEqual(await problemsOf(folder, ['meter'], request), [
    'settings/meter.toml: client.link.baud_rate: unknown key; known here: client.link.type, client.link.host, client.link.port, client.link.preset',
    'settings/meter.toml: client.link.host: missing: expected a text',
    'settings/meter.toml: client.link.port: missing: expected an integer, from 1 to 65535',
  ]);
});

test('a port is a port', async (context) => {
  const folder = folderWith(context, 'p1', 'type = "tcp"\nhost = "adapter.local"\nport = 65536');
  assert.deepEqual(await problemsOf(folder, ['meter'], request), [
    'settings/meter.toml: client.link.port: expected an integer, from 1 to 65535, found 65536',
  ]);
});

test('a link of an unknown type names those that there are', async (context) => {
  const folder = folderWith(context, 'p1', 'type = "udp"\nhost = "adapter.local"\nport = 2001');
  assert.deepEqual(await problemsOf(folder, ['meter'], request), [
    'settings/meter.toml: client.link.type: expected "serial" or "tcp" or "replay", found "udp"; did you mean "tcp"?',
  ]);
});
