import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { LinkEnded } from '../../../src/model/errors.js';
import { encodeCapture, type CaptureChunk } from '../../../src/transports/capture.js';
import type { Link } from '../../../src/transports/link.js';
import { openReplay, type ReplaySettings } from '../../../src/transports/replay.js';
import { FakeClock } from '../../support/fake-clock.js';
import { folderOf } from '../../support/settings.js';

const never = new AbortController().signal;
const bytes = (text: string): Uint8Array => Buffer.from(text);
const from = (atMs: number, text: string): CaptureChunk => ({ atMs, direction: 'from', bytes: bytes(text) });
const to = (atMs: number, text: string): CaptureChunk => ({ atMs, direction: 'to', bytes: bytes(text) });

/** Opens a recording of these chunks. */
async function play(context: TestContext, chunks: readonly CaptureChunk[], options: Partial<ReplaySettings> = {}) {
  const path = join(folderOf(context, {}), 'a.capture');
  writeFileSync(path, encodeCapture({ header: {}, chunks }));
  const clock = new FakeClock();
  const settings = { path, speed: 1, loop: false, ...options };
  return { clock, link: await openReplay(settings, clock, never), again: () => openReplay(settings, clock, never) };
}

/** What arrives within `ms`, each with its time. */
async function hear(clock: FakeClock, link: Link, ms: number): Promise<string[]> {
  const heard: string[] = [];
  const giveUp = new AbortController();
  const reading = (async () => {
    for (;;) heard.push(`${Buffer.from(await link.read(giveUp.signal)).toString()} at ${clock.monotonic()}`);
  })().catch((error: unknown) => {
    if (error instanceof LinkEnded) heard.push(`${error.message.replace(/^.*: /, '')} at ${clock.monotonic()}`);
    else if (!giveUp.signal.aborted) throw error;
  });
  await clock.advance(ms);
  giveUp.abort();
  await reading;
  return heard;
}

test('what a meter pushed comes when it came then, and ends', async (context) => {
  const { clock, link } = await play(context, [from(100, 'a'), from(300, 'b')]);
  assert.deepEqual(await hear(clock, link, 2_000), ['a at 100', 'b at 300', 'nothing more was recorded at 1300']);
});

test('ten times as fast is ten times as early', async (context) => {
  const { clock, link } = await play(context, [from(100, 'a'), from(300, 'b')], { speed: 10 });
  assert.deepEqual(await hear(clock, link, 100), ['a at 10', 'b at 30']);
});

test('without any waiting all of it comes as fast as it is read', async (context) => {
  const { clock, link } = await play(context, [from(100, 'a'), from(3_600_000, 'b')], { speed: Infinity });
  assert.deepEqual([await link.read(never), await link.read(never)].map(String), [bytes('a'), bytes('b')].map(String));
  assert.equal(clock.monotonic(), 0);
});

test('a loop begins again', async (context) => {
  const { clock, link } = await play(context, [from(100, 'a'), from(300, 'b')], { loop: true });
  assert.deepEqual(await hear(clock, link, 1_600), ['a at 100', 'b at 300', 'a at 1300', 'b at 1500']);
});

test('a request is answered by what came after the same one, with the same delay', async (context) => {
  const { clock, link } = await play(context, [
    to(0, 'serial?'),
    from(50, '7'),
    to(900, 'value?'),
    from(930, '4'),
    from(940, '2'),
  ]);
  await clock.advance(10_000);
  await link.write(bytes('value?'), never);
  assert.deepEqual(await hear(clock, link, 100), ['4 at 10030', '2 at 10040']);
});

test('the same request twice has its two answers in their order, and then the recording ends', async (context) => {
  const { clock, link } = await play(context, [to(0, '?'), from(10, 'a'), to(500, '?'), from(520, 'b')]);
  await link.write(bytes('?'), never);
  assert.deepEqual(await hear(clock, link, 100), ['a at 10']);
  await link.write(bytes('?'), never);
  assert.deepEqual(await hear(clock, link, 100), ['b at 120']);
  await assert.rejects(link.write(bytes('?'), never), LinkEnded);
});

test('a request that was never recorded is not answered, and when nothing else is asked the recording ends', async (context) => {
  const { clock, link } = await play(context, [to(0, '?'), from(10, 'a')]);
  for (let tries = 1; tries < 10; tries++) {
    await link.write(bytes('what?'), never);
    assert.deepEqual(await hear(clock, link, 2_000), []);
  }
  await assert.rejects(link.write(bytes('what?'), never), LinkEnded);
});

test('after it was closed and opened again, a recording goes on where it is by then', async (context) => {
  const { clock, link, again } = await play(context, [from(100, 'a'), from(200, 'b'), from(500, 'c')]);
  assert.deepEqual(await hear(clock, link, 150), ['a at 100']);
  await link.close();
  await assert.rejects(link.read(never), /was closed/);
  assert.deepEqual(await hear(clock, await again(), 400), ['b at 200', 'c at 500']);
});

test('a reader that gives up loses nothing, and leaves no timer', async (context) => {
  const { clock, link } = await play(context, [from(100, 'a')]);
  assert.deepEqual(await hear(clock, link, 50), []);
  assert.equal(clock.sleeping, 0);
  assert.deepEqual(await hear(clock, link, 50), ['a at 100']);
});

test('what is due is thrown away when it is discarded, and nothing else', async (context) => {
  const { clock, link } = await play(context, [from(10, 'a'), from(90, 'b')]);
  await clock.advance(50);
  link.discard();
  assert.deepEqual(await hear(clock, link, 50), ['b at 90']);
});

test('a file that cannot be read is a link that cannot be opened', async () => {
  const settings = { path: '/no/such.capture', speed: 1, loop: false };
  await assert.rejects(openReplay(settings, new FakeClock(), never), {
    name: 'LinkError',
    message: /^cannot replay \/no\/such\.capture: /,
  });
});
