import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openService } from '../../../src/service/open-service.js';
import { FakeClock, settle } from '../../support/fake-clock.js';
import { RecordingLogger } from '../../support/logger.js';
import { notifySocket, skipWithoutNotify } from '../../support/notify-socket.js';

const options = () => ({ environments: ['t210'], clock: new FakeClock(), log: new RecordingLogger() });

test('nobody is told anything where no service manager asks for it', () => {
  assert.equal(openService({}, options()), undefined);
  assert.equal(openService({ NOTIFY_SOCKET: '', WATCHDOG_USEC: '120000000' }, options()), undefined);
});

test('a watchdog of 120 s gets a sign of life every 60 s', { skip: skipWithoutNotify }, async () => {
  await using systemd = await notifySocket();
  const { clock, ...rest } = options();
  const env = { NOTIFY_SOCKET: systemd.path, WATCHDOG_USEC: '120000000', PATH: process.env.PATH };
  const stop = new AbortController();
  const ended = openService(env, { clock, ...rest })?.run(stop.signal);
  await systemd.tells(/^WATCHDOG=1$/);
  const told = systemd.told.length;
  // systemd knows before the child that told it has ended, and only then is the next one waited for.
  while (clock.sleeping === 0) await settle();
  await clock.advance(60_000);
  await systemd.tells(/^WATCHDOG=1$/, told);
  stop.abort();
  await ended;
  await systemd.tells(/^STOPPING=1$/);
});
