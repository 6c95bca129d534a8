import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemdNotify } from '../../../src/service/systemd-notify.js';
import { RecordingLogger } from '../../support/logger.js';
import { notifySocket, skipWithoutNotify } from '../../support/notify-socket.js';

const { PATH } = process.env;

test('assignments are told in one message, each on a line of its own', { skip: skipWithoutNotify }, async () => {
  await using systemd = await notifySocket();
  const log = new RecordingLogger();
  await systemdNotify(systemd.path, PATH, log)({ READY: '1', STATUS: 'Zähler ok\nREADY=0' });
  await systemd.tells(/^STATUS/);
  assert.deepEqual(systemd.told.slice(0, 2), ['READY=1', 'STATUS=Zähler ok READY=0']);
  assert.deepEqual(log.lines, []);
});

test('when nobody listens it is said once', { skip: skipWithoutNotify }, async () => {
  const log = new RecordingLogger();
  const notify = systemdNotify('/nonexistent/notify', PATH, log);
  await notify({ READY: '1' });
  await notify({ WATCHDOG: '1' });
  assert.equal(log.lines.length, 1);
  assert.match(log.of('warn')[0] ?? '', /^cannot tell systemd how the program is: .*No such file or directory/);
});

test('a host without systemd-notify is said once, and no reason to stop', async () => {
  const log = new RecordingLogger();
  const notify = systemdNotify('/nonexistent/notify', '/nonexistent', log);
  await notify({ READY: '1' });
  await notify({ WATCHDOG: '1' });
  assert.deepEqual(log.of('warn'), ['cannot tell systemd how the program is: spawn systemd-notify ENOENT']);
});
