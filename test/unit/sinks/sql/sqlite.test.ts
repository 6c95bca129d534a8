import { join } from 'node:path';
import { test } from 'node:test';
import { writeFileSync, mkdirSync, existsSync, readFileSync } from 'node:fs';
import assert from 'node:assert/strict';
import { LinkError } from '../../../../src/model/errors.js';
import sql from '../../../../src/sinks/sql/index.js';
import { makeHistory, NOON, readAll, recorded, temporaryFolder, withReader, writeTo } from '../../../support/histories.js';
import { sqlSettings } from '../../../support/sql.js';

const never = new AbortController().signal;

function settingsIn(folder: string) {
  return sqlSettings({ type: 'sqlite', path: join(folder, 'db', 'meter.sqlite') });
}

test('a file has one writer; what one that is gone has left does not count', async () => {
  using folder = temporaryFolder();
  const settings = settingsIn(folder.path);
  const path = join(folder.path, 'db', 'meter.sqlite');
  const { sink } = makeHistory(sql, settings);
  await sink.open(never, () => undefined);
  await assert.rejects(writeTo(makeHistory(sql, settings).sink), /is in use by another sink of this program/);
  assert.match(readFileSync(`${path}.pid`, 'utf8'), new RegExp(`^${process.pid} \\d+ [-\\da-f]+\n$`));
  await sink.close(never);
  assert.equal(existsSync(`${path}.pid`), false);

  writeFileSync(`${path}.pid`, '1 1\n');
  mkdirSync(`${path}.lock`);
  await writeTo(makeHistory(sql, settings).sink, [recorded({ 'power/current-usage': 1 })]);
  assert.equal((await readAll(sql, settings)).length, 1);

  const parent = readFileSync(`/proc/${process.ppid}/stat`, 'latin1');
  const startedAt = parent.slice(parent.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1');
  writeFileSync(`${path}.pid`, `${process.ppid} ${startedAt} ${bootId}`);
  await assert.rejects(writeTo(makeHistory(sql, settings).sink), new RegExp(`is in use by process ${process.ppid}`));
  // Before the host was started anew it was another one.
  writeFileSync(`${path}.pid`, `${process.ppid} ${startedAt} 0b7a5f0e-6c1d-4c8e-9a51-2f1f5d3c9b70\n`);
  await writeTo(makeHistory(sql, settings).sink);
});

test('what is no database is a lost link, in words', async () => {
  using folder = temporaryFolder();
  const settings = settingsIn(folder.path);
  mkdirSync(join(folder.path, 'db'));
  writeFileSync(join(folder.path, 'db', 'meter.sqlite'), 'not a database, but long enough to be taken for one '.repeat(100));
  await assert.rejects(
    writeTo(makeHistory(sql, settings).sink),
    (error) => error instanceof LinkError && error.message.includes('not a database'),
  );
});

test('a store can be read while it is written', async () => {
  using folder = temporaryFolder();
  const settings = settingsIn(folder.path);
  const { sink } = makeHistory(sql, settings);
  await sink.open(never, () => undefined);
  await sink.write([recorded({ 'power/current-usage': 1 })], never);
  assert.deepEqual(await readAll(sql, settings), [{ device: 'test-meter', at: NOON, values: { 'power/current-usage': 1 } }]);
  await sink.write([recorded({ 'power/current-usage': 2 }, NOON + 1)], never);
  await sink.close(never);
  assert.equal(await withReader(sql, settings, async (reader) => (await reader.series({ from: 0, to: 1 }, never)).length), 1);
});
