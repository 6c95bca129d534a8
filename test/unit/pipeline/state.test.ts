import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { FileState } from '../../../src/pipeline/state.js';
import { FakeClock } from '../../support/fake-clock.js';
import { RecordingLogger } from '../../support/logger.js';

async function setUp(t: { after(f: () => void): void }, content?: string) {
  const folder = mkdtempSync(join(tmpdir(), 'state-'));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  const path = join(folder, 'sub', 'meter.json');
  const file = content === undefined ? path : join(folder, 'meter.json');
  if (content !== undefined) writeFileSync(file, content);
  const clock = new FakeClock();
  const log = new RecordingLogger();
  const stop = new AbortController();
  const state = await FileState.open(file, clock, log);
  return { clock, log, state, file, folder, stop, kept: state.keep(stop.signal) };
}

const saved = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

test('what is set is there after a restart', async (t) => {
  const { state, file, stop, kept, clock, log } = await setUp(t);
  state.set('counter', 17, 'eventually');
  stop.abort();
  await kept;
  const again = await FileState.open(file, clock, log);
  assert.equal(again.get('counter'), 17);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(clock.sleeping, 0);
});

test('an urgent change is written within a second, a counter within ten minutes', async (t) => {
  const { state, file, stop, kept, clock } = await setUp(t, '{}');
  state.set('counter', 1, 'eventually');
  await clock.advance(599_999);
  assert.deepEqual(saved(file), {});
  state.set('tree', 'new', 'soon');
  stop.abort();
  await kept;
  assert.deepEqual(saved(file), { counter: 1, tree: 'new' });
});

test('a broken file is set aside, said, and begun anew', async (t) => {
  const { state, file, log, stop, kept } = await setUp(t, '{"counter": 1');
  assert.equal(state.get('counter'), undefined);
  assert.match(log.of('warn')[0] ?? '', /^the state is broken, set aside and begun anew: /);
  assert.equal(readFileSync(`${file}.broken`, 'utf8'), '{"counter": 1');
  stop.abort();
  await kept;
});

test('a folder that cannot be written is said and not fatal', async (t) => {
  const { state, folder, log, stop, kept } = await setUp(t);
  writeFileSync(join(folder, 'sub'), 'a file where the folder should be');
  state.set('counter', 1, 'soon');
  stop.abort();
  await kept;
  assert.match(log.of('warn')[0] ?? '', /^cannot save the state: /);
  assert.equal(state.get('counter'), 1);
  chmodSync(folder, 0o700);
});

test('nothing is written while nothing changes', async (t) => {
  const { file, stop, kept, clock } = await setUp(t, '{"counter":1}');
  const before = statSync(file).mtimeMs;
  await clock.advance(3_600_000);
  stop.abort();
  await kept;
  assert.equal(statSync(file).mtimeMs, before);
});

test('what could not be saved is saved within ten minutes of the disk having room again', async (t) => {
  const { state, file, folder, log, stop, kept, clock } = await setUp(t);
  const sub = join(folder, 'sub');
  writeFileSync(sub, 'a file where the folder should be');
  state.set('tree', 'new', 'soon');
  await clock.advance(1_000);
  await until(() => log.of('warn').length > 0);
  rmSync(sub);
  await clock.advance(600_000);
  await until(() => existsSync(file));
  stop.abort();
  await kept;
  assert.deepEqual(saved(file), { tree: 'new' });
  assert.equal(log.of('warn').length, 1);
  assert.deepEqual(log.of('info'), ['the state can be saved again']);
});

test('what could not be saved is tried once more at the end', async (t) => {
  const { state, file, folder, log, stop, kept, clock } = await setUp(t);
  const sub = join(folder, 'sub');
  writeFileSync(sub, 'a file where the folder should be');
  state.set('tree', 'new', 'soon');
  await clock.advance(1_000);
  await until(() => log.of('warn').length > 0);
  rmSync(sub);
  stop.abort();
  await kept;
  assert.deepEqual(saved(file), { tree: 'new' });
});

test('a broken file that cannot be set aside is said and not fatal', async (t) => {
  const { file, clock, log, stop, kept } = await setUp(t, '{"counter": 1');
  stop.abort();
  await kept;
  rmSync(`${file}.broken`);
  writeFileSync(file, '{"counter": 1');
  mkdirSync(join(`${file}.broken`, 'in the way'), { recursive: true });
  const state = await FileState.open(file, clock, log);
  assert.equal(state.get('counter'), undefined);
  assert.match(log.of('warn').at(-1) ?? '', /^the broken state stays where it is: /);
});

/** Lets the file system do its work. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}
