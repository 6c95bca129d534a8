import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { FakeClock } from '../../../support/fake-clock.js';
import { reading } from '../../../support/items.js';
import { Spool } from '../../../../src/pipeline/spool/spool.js';
import { allOf, numbersOf, runSpool, spoolFolder, spoolOptions } from '../../../support/spool.js';

/** The files below a folder; none where there is no folder. */
function filesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

/** Appends a reading a second. */
async function appendForSeconds(spool: Spool, clock: FakeClock, seconds: number): Promise<void> {
  for (let n = 0; n < seconds; n++) {
    spool.append(reading({ n }));
    await clock.advance(1_000);
  }
}

test('readings come out as they went in, with their measured time and growing numbers', async () => {
  using folder = spoolFolder();
  const spool = Spool.open(spoolOptions(folder));
  const measured = { ...reading({ 'power/current-usage': 250 }), measuredAt: Date.UTC(2026, 0, 15, 11, 59, 58) };
  const unmeasured = reading({ 'energy/imported-total': 4.35, 'meter/status': 'ok', 'load/on': true });
  spool.append(measured);
  spool.append(unmeasured);
  const [first, second] = await allOf(spool);
  assert.ok(first && second && second.sequence > first.sequence);
  assert.deepEqual(first, { ...measured, at: Date.UTC(2026, 0, 15, 11, 59, 58), sequence: first.sequence });
  assert.deepEqual(second, { ...unmeasured, at: Date.UTC(2026, 0, 15, 12), sequence: second.sequence });
});

test('a sink that keeps up costs no disk', async () => {
  using folder = spoolFolder();
  const options = spoolOptions(folder);
  const { spool, end } = runSpool(options);
  for (let n = 0; n < 600; n++) {
    spool.append(reading({ n }));
    if (n % 10 === 9) spool.acknowledge('store', (await allOf(spool)).at(-1)?.sequence ?? 0);
    await options.clock.advance(1_000);
  }
  assert.deepEqual(filesIn(folder.folder), []);
  await end();
  assert.deepEqual(filesIn(folder.folder), []);
});

test('what no sink has taken within the interval goes to disk in one block, for its owner alone', async () => {
  using folder = spoolFolder();
  const options = spoolOptions(folder);
  const { spool, end } = runSpool(options);
  await appendForSeconds(spool, options.clock, 61);
  const [name = ''] = filesIn(folder.folder);
  assert.equal(filesIn(folder.folder).length, 1);
  assert.equal(statSync(join(folder.folder, name)).mode & 0o777, 0o600);
  assert.equal(statSync(folder.folder).mode & 0o777, 0o700);
  assert.deepEqual(
    numbersOf(await allOf(spool)),
    Array.from({ length: 61 }, (_, n) => n),
  );
  await end();
});

test('a program that is killed loses nothing, whether the disk has it or not', async () => {
  using folder = spoolFolder();
  const options = spoolOptions(folder);
  const { spool } = runSpool(options);
  await appendForSeconds(spool, options.clock, 100);
  const again = Spool.open(spoolOptions(folder));
  assert.deepEqual(
    numbersOf(await allOf(again, again.cursorOf('store'))),
    Array.from({ length: 100 }, (_, n) => n),
  );
});

test('a power cut costs no more than the interval', async () => {
  using folder = spoolFolder();
  const options = spoolOptions(folder);
  const { spool } = runSpool(options);
  await appendForSeconds(spool, options.clock, 100);
  using other = spoolFolder();
  // What was in memory is gone.
  const again = Spool.open(spoolOptions({ ...folder, journalFolder: other.journalFolder }));
  const left = numbersOf(await allOf(again));
  assert.ok(left.length >= 40, `${left.length} readings`);
  assert.deepEqual(
    left,
    Array.from({ length: left.length }, (_, n) => n),
  );
});

test('delivery goes on where it was, for each sink by itself, over restarts', async () => {
  using folder = spoolFolder();
  const sinks = ['fast', 'slow'];
  const options = spoolOptions(folder, { sinks });
  const { spool, end } = runSpool(options);
  for (let n = 0; n < 5; n++) spool.append(reading({ n }));
  const records = await allOf(spool);
  spool.acknowledge('fast', records[3]?.sequence ?? 0);
  spool.acknowledge('slow', records[0]?.sequence ?? 0);
  await end();
  const again = Spool.open(spoolOptions(folder, { sinks: ['fast', 'slow', 'new'] }));
  assert.deepEqual(numbersOf(await allOf(again, again.cursorOf('fast'))), [4]);
  assert.deepEqual(numbersOf(await allOf(again, again.cursorOf('slow'))), [1, 2, 3, 4]);
  assert.deepEqual(numbersOf(await allOf(again, again.cursorOf('new'))), []);
  again.append(reading({ n: 5 }));
  assert.deepEqual(numbersOf(await allOf(again, again.cursorOf('new'))), [5]);
});

test('what all sinks have is removed from the disk', async () => {
  using folder = spoolFolder();
  const options = spoolOptions(folder);
  const { spool, end } = runSpool(options);
  spool.append(reading({ n: 1 }));
  await options.clock.advance(60_000);
  assert.equal(filesIn(folder.folder).length, 1);
  spool.acknowledge('store', (await allOf(spool)).at(-1)?.sequence ?? 0);
  assert.deepEqual(filesIn(folder.folder), []);
  await end();
});

test('a torn tail is cut, and what follows it is read', async () => {
  using folder = spoolFolder();
  const first = runSpool(spoolOptions(folder));
  first.spool.append(reading({ n: 1 }));
  await first.end();
  const path = join(folder.folder, filesIn(folder.folder)[0] ?? '');
  const whole = readFileSync(path);
  writeFileSync(path, Buffer.concat([whole, whole.subarray(27, 60)]));
  const second = runSpool(spoolOptions(folder));
  second.spool.append(reading({ n: 2 }));
  await second.end();
  assert.equal(second.spool.figures.damaged, 1);
  const third = Spool.open(spoolOptions(folder));
  assert.deepEqual(numbersOf(await allOf(third)), [1, 2]);
  assert.equal(third.figures.damaged, 0);
  assert.equal(filesIn(folder.folder).length, 1);
});

test('what another version wrote is set aside, and said', async () => {
  using folder = spoolFolder();
  const first = runSpool(spoolOptions(folder));
  first.spool.append(reading({ n: 1 }));
  await first.end();
  const [name = ''] = filesIn(folder.folder);
  writeFileSync(join(folder.folder, name), 'smart-meter-reader spool 9\nwhatever');
  const options = spoolOptions(folder);
  const spool = Spool.open(options);
  assert.deepEqual(await allOf(spool), []);
  assert.deepEqual(filesIn(folder.folder), [`${name}.aside`]);
  assert.deepEqual(options.log.of('warn'), ['readings that another version of this program kept are set aside']);
});

test('a folder that cannot be written is said once, and readings go on in memory', async () => {
  using folder = spoolFolder();
  writeFileSync(folder.folder, 'a file where the folder should be');
  const options = spoolOptions(folder);
  const { spool, end } = runSpool(options);
  await appendForSeconds(spool, options.clock, 200);
  assert.deepEqual(
    numbersOf(await allOf(spool)),
    Array.from({ length: 200 }, (_, n) => n),
  );
  assert.equal(options.log.of('warn').length, 1);
  assert.match(options.log.of('warn')[0] ?? '', /^cannot keep readings on disk, only in memory: E/);
  await end();
});

test('readings from before the host knew the time get theirs when it does', async () => {
  using folder = spoolFolder();
  const options = spoolOptions(folder);
  options.clock.epoch = 0;
  const { spool, end } = runSpool(options);
  spool.append({ ...reading({ n: 1 }), receivedAt: options.clock.now() });
  await options.clock.advance(10_000);
  assert.deepEqual(await allOf(spool), []);
  options.clock.epoch = Date.UTC(2026, 0, 15, 12);
  spool.append({ ...reading({ n: 2 }), receivedAt: options.clock.now() });
  assert.deepEqual(
    (await allOf(spool)).map(({ at }) => at),
    [Date.UTC(2026, 0, 15, 12), Date.UTC(2026, 0, 15, 12, 0, 10)],
  );
  await end();
});

test('a host clock that is set back changes neither order nor numbers', async () => {
  using folder = spoolFolder();
  const options = spoolOptions(folder);
  const first = runSpool(options);
  first.spool.append(reading({ n: 1 }));
  await first.end();
  const later = spoolOptions(folder);
  later.clock.epoch -= 86_400_000;
  const spool = Spool.open(later);
  spool.append(reading({ n: 2 }));
  const records = await allOf(spool);
  assert.deepEqual(numbersOf(records), [1, 2]);
  assert.ok((records[1]?.sequence ?? 0) > (records[0]?.sequence ?? 0));
});
