import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { p1Client } from '../../../../src/clients/p1/client.js';
import type { P1Settings } from '../../../../src/clients/p1/settings.js';
import { ConfigError, LinkError } from '../../../../src/model/errors.js';
import type { Fault, Reading } from '../../../../src/model/reading.js';
import { clientContext, type TestContext } from '../../../support/client-context.js';
import { settle } from '../../../support/fake-clock.js';
import { memoryLinks, type MemoryLinks } from '../../../support/memory-link.js';
import { frameOf, KEYS, P1_SETTINGS, telegramOf } from '../../../support/p1.js';

const never = new AbortController().signal;

let context: TestContext;
let cable: MemoryLinks;
let stop: AbortController;
let items: (Reading | Fault)[];

beforeEach(() => {
  context = clientContext();
  cable = memoryLinks();
  stop = new AbortController();
  items = [];
});

const clientOf = (changes?: Partial<P1Settings>) =>
  p1Client({ ...P1_SETTINGS, ...changes }, context, () => Promise.resolve(cable.near));

/** Runs a client until it ends. */
async function run(client = clientOf()): Promise<void> {
  for await (const item of client.readings(stop.signal)) items.push(item);
}

const problemsOf = (changes: Partial<P1Settings>) => {
  try {
    clientOf(changes);
  } catch (error) {
    assert(error instanceof ConfigError);
    return error.problems.map(({ key, message }) => `${key} ${message}`);
  }
  return [];
};

test('a frame is a reading as soon as its last byte is there', async () => {
  const running = run();
  await settle();
  await cable.far.write(frameOf(1).subarray(0, 60), never);
  await context.clock.advance(20);
  assert.equal(items.length, 0);
  await cable.far.write(frameOf(1).subarray(60), never);
  await settle();
  const [reading] = items;
  assert(reading?.kind === 'reading');
  assert.equal(reading.values['power/current-usage'], 621);
  assert.equal(reading.receivedAt, context.clock.epoch + 20);
  stop.abort();
  await running;
});

test('a line that is quiet for 200 ms ends an incomplete frame, as of its last byte', async () => {
  const running = run();
  await settle();
  await cable.far.write(frameOf(1).subarray(0, 60), never);
  await context.clock.advance(199);
  assert.equal(items.length, 0);
  await context.clock.advance(1);
  const [fault] = items;
  assert(fault?.kind === 'fault');
  assert.equal(fault.what, 'truncated');
  assert.equal(fault.at, context.clock.epoch);
  await cable.far.write(frameOf(2), never);
  await settle();
  assert.equal(items[1]?.kind, 'reading');
  stop.abort();
  await running;
});

test('it ends when it is stopped, and leaves neither a wait nor an open link', async () => {
  const running = run();
  await settle();
  await cable.far.write(frameOf(1).subarray(0, 60), never);
  await settle();
  stop.abort();
  await running;
  assert.equal(context.clock.sleeping, 0);
  await assert.rejects(cable.near.read(never), LinkError);
});

test('it ends when it is stopped while its link is being opened', async () => {
  const client = p1Client(P1_SETTINGS, context, (_, signal) => {
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        reject(new DOMException('aborted', 'AbortError'));
      });
    });
  });
  const running = run(client);
  stop.abort();
  await running;
});

test('a lost link is a LinkError after all that arrived before it', async () => {
  const running = run();
  await cable.far.write(frameOf(1), never);
  cable.lose('the cable was pulled');
  await assert.rejects(running, new LinkError('the cable was pulled'));
  assert.equal(items.length, 1);
});

test('it starts afresh on a new link: the rest of an old frame is forgotten, counters are not', async () => {
  const client = clientOf();
  const first = run(client);
  await cable.far.write(Buffer.concat([frameOf(1), frameOf(2).subarray(0, 60)]), never);
  cable.lose();
  await assert.rejects(first, LinkError);
  cable = memoryLinks();
  const second = run(client);
  await cable.far.write(Buffer.concat([frameOf(1), frameOf(4)]), never);
  await settle();
  assert.deepEqual(
    items.map((item) => (item.kind === 'fault' ? item.what : item.kind)),
    ['reading', 'replayed', 'reading'],
  );
  assert.equal(context.lost, 2);
  stop.abort();
  await second;
});

test('without a key unencrypted telegrams are read', async () => {
  const running = run(clientOf({ encryption_key: undefined, authentication_key: undefined }));
  await cable.far.write(telegramOf(621), never);
  await settle();
  assert.equal(items[0]?.kind, 'reading');
  stop.abort();
  await running;
});

test('its period is that of the settings, and two faults in a row are noise', () => {
  assert.equal(clientOf({ period: 1_000 }).periodMs, 1_000);
  assert.equal(clientOf().toleratedFaults, 2);
});

test('with an authentication key frames are verified', async () => {
  const running = run();
  await cable.far.write(frameOf(1, 621, { ...KEYS, authenticationKey: KEYS.encryptionKey }), never);
  await settle();
  const [fault] = items;
  assert(fault?.kind === 'fault');
  assert.equal(fault.what, 'wrong-authentication-key');
  assert.deepEqual(context.log.lines, []);
  stop.abort();
  await running;
});

for (const [what, changes] of [
  ['without an authentication key', { authentication_key: undefined }],
  ['with authentication = "crc"', { authentication: 'crc' }],
] as const) {
  test(`${what} frames are not verified, and the log says so once`, async () => {
    const running = run(clientOf(changes));
    await cable.far.write(frameOf(1, 621, { ...KEYS, authenticationKey: KEYS.encryptionKey }), never);
    await settle();
    assert.equal(items[0]?.kind, 'reading');
    assert.deepEqual(context.log.of('warn'), [
      'frames are not authenticated: only the check sum of their telegrams is checked (authentication = "crc")',
    ]);
    stop.abort();
    await running;
  });
}

test('verifying needs an authentication key', () => {
  assert.deepEqual(problemsOf({ authentication: 'verify', authentication_key: undefined }), [
    'client.authentication_key is needed for authentication = "verify"; "crc" does without',
  ]);
});

test('an authentication key needs an encryption key', () => {
  assert.deepEqual(problemsOf({ encryption_key: undefined }), ['client.encryption_key is needed beside authentication_key']);
});

test('verifying needs both keys', () => {
  assert.deepEqual(problemsOf({ authentication: 'verify', encryption_key: undefined, authentication_key: undefined }), [
    'client.encryption_key is needed for authentication = "verify", and so is authentication_key',
  ]);
});
