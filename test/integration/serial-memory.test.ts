import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openSerial } from '../../src/transports/serial.js';
import { ptyPair } from '../support/pty.js';
import { skipWithout } from '../support/tool.js';

const LINE = { baudRate: 115_200, dataBits: 8, parity: 'none', stopBits: 1 } as const;

/** Opens a port and closes it. */
async function openOnce(path: string): Promise<WeakRef<object>> {
  const link = await openSerial(path, LINE, new AbortController().signal);
  await link.close();
  return new WeakRef(link);
}

test('a link that was closed is not kept in memory', { skip: skipWithout('socat') }, async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  await using pty = await ptyPair();
  const links: WeakRef<object>[] = [];
  for (let time = 0; time < 20; time++) links.push(await openOnce(pty.near));
  await setImmediate();
  collect();
  // The last one may still be on the stack.
  assert.ok(links.filter((link) => link.deref() !== undefined).length <= 1);
});
