import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { getEventListeners } from 'node:events';
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { LinkError } from '../../src/model/errors.js';
import type { Link } from '../../src/transports/link.js';
import { openSerial, type LineSettings } from '../../src/transports/serial.js';
import { settle } from '../support/fake-clock.js';
import { ptyPair, type PtyPair } from '../support/pty.js';
import { skipWithout } from '../support/tool.js';

const P1: LineSettings = { baudRate: 115_200, dataBits: 8, parity: 'none', stopBits: 1 };
const skip = skipWithout('socat');
const options = { skip, timeout: 60_000 };
const forever = new AbortController().signal;

test('bytes of every value travel both ways unchanged', options, async () => {
  await using links = await openLinks();
  const { near, far } = links;
  const every = Uint8Array.from({ length: 256 }, (_, value) => value);
  await near.write(every, forever);
  assert.deepEqual(await readBytes(far, 256), Buffer.from(every));
  await far.write(every, forever);
  assert.deepEqual(await readBytes(near, 256), Buffer.from(every));
});

test('a write longer than the line takes at once goes out in full while the other end reads', options, async () => {
  await using links = await openLinks();
  const { near, far } = links;
  const bytes = randomBytes(300_000);
  const [, received] = await Promise.all([near.write(bytes, forever), readBytes(far, bytes.length)]);
  assert.deepEqual(received, bytes);
});

test('both ends write more than the line takes, and both receive it', options, async () => {
  await using links = await openLinks();
  const { near, far } = links;
  const bytes = randomBytes(100_000);
  const [, , atFar, atNear] = await Promise.all([
    near.write(bytes, forever),
    far.write(bytes, forever),
    readBytes(far, bytes.length),
    readBytes(near, bytes.length),
  ]);
  assert.deepEqual([atFar, atNear], [bytes, bytes]);
});

test('a write that the line does not take is given up when its signal aborts', options, async () => {
  await using links = await openLinks();
  const { near, pair } = links;
  const controller = new AbortController();
  const stopped = new Error('stopped');
  // Nobody has the far port open, so its buffers fill up.
  const writing = near.write(new Uint8Array(10_000_000), controller.signal);
  setImmediate(() => {
    controller.abort(stopped);
  });
  await assert.rejects(writing, stopped);
  assert.deepEqual(getEventListeners(controller.signal, 'abort'), [], pair.near);
});

test('an aborted read loses no byte', options, async () => {
  await using links = await openLinks();
  const { near, far } = links;
  const controller = new AbortController();
  const stopped = new Error('stopped');
  const reading = near.read(controller.signal);
  controller.abort(stopped);
  await assert.rejects(reading, stopped);
  await far.write(Buffer.from('after'), forever);
  assert.equal(String(await readBytes(near, 5)), 'after');
});

test('discarded bytes are never read', options, async () => {
  await using links = await openLinks();
  const { near, far } = links;
  await far.write(Buffer.from('noise'), forever);
  await readBytes(near, 1);
  near.discard();
  await far.write(Buffer.from('answer'), forever);
  assert.equal(String(await readBytes(near, 6)), 'answer');
});

test('a port that is unplugged ends the waiting read, and every later read and write', options, async () => {
  await using links = await openLinks();
  const { near, pair } = links;
  const lost = { name: 'LinkError', message: `lost ${pair.near}: its adapter was unplugged or failed` };
  const reading = near.read(forever);
  const rejected = assert.rejects(reading, lost);
  await pair.unplug();
  await rejected;
  await assert.rejects(near.read(forever), lost);
  await assert.rejects(near.write(Uint8Array.of(1), forever), lost);
  await near.close();
});

test('a port that is unplugged while bytes come in is noticed, every time', options, async () => {
  for (let turn = 0; turn < 10; turn++) {
    await using links = await openLinks();
    const { near, far, pair } = links;
    const flooding = writeUntilLost(far);
    await near.read(forever);
    const reading = readUntilLost(near);
    await pair.unplug();
    await Promise.all([flooding, reading]);
  }
});

test('a port that was plugged in again is opened again under its path', options, async () => {
  await using links = await openLinks();
  const { near, pair } = links;
  await pair.unplug();
  await near.close();
  await pair.replug();
  const [again, far] = await Promise.all([open(pair.near), open(pair.far)]);
  await far.write(Buffer.from('back'), forever);
  assert.equal(String(await readBytes(again, 4)), 'back');
  await Promise.all([again.close(), far.close()]);
});

test('closing ends the read that waits, and may be done twice', options, async () => {
  await using links = await openLinks();
  const { near, pair } = links;
  const closed = { name: 'LinkError', message: `${pair.near} was closed` };
  const rejected = assert.rejects(near.read(forever), closed);
  await near.close();
  await near.close();
  await rejected;
  await assert.rejects(near.write(Uint8Array.of(1), forever), closed);
});

test('a thousand openings leave no descriptor, no listener and no timer', { ...options, timeout: 120_000 }, async () => {
  await using pair = await ptyPair();
  const controller = new AbortController();
  await (await openSerial(pair.near, P1, controller.signal)).close();
  const descriptors = await openDescriptors();
  const resources = process.getActiveResourcesInfo().length;
  for (let turn = 0; turn < 1_000; turn++) {
    const link = await openSerial(pair.near, P1, controller.signal);
    const reading = link.read(controller.signal).catch(() => undefined);
    await link.close();
    await reading;
  }
  await settle();
  assert.equal(await openDescriptors(), descriptors);
  assert.equal(process.getActiveResourcesInfo().length, resources);
  assert.deepEqual(getEventListeners(controller.signal, 'abort'), []);
});

test('a port that is not there says where to look', async () => {
  await assert.rejects(open('/dev/no-such-port'), {
    name: 'LinkError',
    message:
      'cannot open /dev/no-such-port: there is no such port. Is the adapter plugged in? /dev/serial/by-id lists those that are',
  });
});

test('something that is no serial port says so', async () => {
  await assert.rejects(open('/dev/null'), { message: 'cannot open /dev/null: it is not a serial port' });
});

test('a port that another program has locked says who it may be', options, async () => {
  await using links = await openLinks();
  const { pair } = links;
  await assert.rejects(open(pair.near), {
    message: `cannot open ${pair.near}: another program is using it. Does another instance, an older reading program, a login console or ModemManager have it open? fuser -v names it`,
  });
});

const isRoot = process.getuid?.() === 0;
test('a port without permission names the group', { skip: isRoot && 'root may open everything' }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'serial-'));
  const path = join(folder, 'port');
  await writeFile(path, '');
  await chmod(path, 0);
  await assert.rejects(open(path), {
    message: `cannot open ${path}: permission denied. Add the user to the group dialout and log in again`,
  });
  await rm(folder, { recursive: true });
});

test('an opening that is given up leaves nothing open', options, async () => {
  await using pair = await ptyPair();
  const descriptors = await openDescriptors();
  const controller = new AbortController();
  const stopped = new Error('stopped');
  const opening = openSerial(pair.near, P1, controller.signal);
  controller.abort(stopped);
  await assert.rejects(opening, stopped);
  assert.equal(await openDescriptors(), descriptors);
});

/** Two open links with a cable between them. */
interface Links extends AsyncDisposable {
  readonly pair: PtyPair;
  readonly near: Link;
  readonly far: Link;
}

async function openLinks(): Promise<Links> {
  const pair = await ptyPair();
  const [near, far] = await Promise.all([open(pair.near), open(pair.far)]);
  return {
    pair,
    near,
    far,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([near.close(), far.close()]);
      await pair[Symbol.asyncDispose]();
    },
  };
}

function open(path: string): Promise<Link> {
  return openSerial(path, P1, forever);
}

async function readBytes(link: Link, count: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for (let length = 0; length < count; length += chunks.at(-1)?.length ?? 0) chunks.push(await link.read(forever));
  return Buffer.concat(chunks);
}

async function readUntilLost(link: Link): Promise<void> {
  await assert.rejects(async () => {
    for (;;) await link.read(forever);
  }, LinkError);
}

async function writeUntilLost(link: Link): Promise<void> {
  await assert.rejects(async () => {
    for (;;) await link.write(new Uint8Array(200), forever);
  }, LinkError);
}

async function openDescriptors(): Promise<number> {
  return (await readdir('/proc/self/fd')).length;
}
