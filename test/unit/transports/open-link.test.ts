import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linkSettings, openLink, type LinkSettings } from '../../../src/transports/open-link.js';
import { freePort } from '../../support/tcp-server.js';

const section = linkSettings({ baudRate: 1_200, dataBits: 8, parity: 'none', stopBits: 2 });

const settings: LinkSettings = {
  type: 'serial',
  path: '/dev/no-such-port',
  baud_rate: 1_200,
  data_bits: 8,
  parity: 'none',
  stop_bits: 2,
};

test('a link is a serial port unless its type says otherwise', () => {
  assert.equal(section.default, 'serial');
});

test("the line settings default to those of the client's meter", () => {
  const { baud_rate, data_bits, parity, stop_bits } = section.choice.serial;
  assert.deepEqual([baud_rate.default, data_bits.default, parity.default, stop_bits.default], [1_200, 8, 'none', 2]);
});

test('a link that cannot be opened says which and why', async () => {
  await assert.rejects(openLink(settings, new AbortController().signal), {
    name: 'LinkError',
    message: /^cannot open \/dev\/no-such-port: /,
  });
});

test('a link whose opening was given up is not opened', async () => {
  const stopped = new Error('stopped');
  await assert.rejects(openLink(settings, AbortSignal.abort(stopped)), stopped);
});

test('a link of type "tcp" is a connection to its host and port', async () => {
  const { host, port } = { host: '127.0.0.1', port: await freePort() };
  await assert.rejects(openLink({ type: 'tcp', host, port }, new AbortController().signal), {
    name: 'LinkError',
    message: new RegExp(`^cannot connect to 127\\.0\\.0\\.1:${port}: nothing listens there`),
  });
});
