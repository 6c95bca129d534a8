import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError } from '../../../../src/model/errors.js';
import sql from '../../../../src/sinks/sql/index.js';
import { judgeServer } from '../../../../src/sinks/sql/servers.js';
import { RecordingLogger } from '../../../support/logger.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { sinkContext } from '../../../support/histories.js';
import { serverSettings, sqlSettings } from '../../../support/sql.js';

test('a certificate is verified for the name of the host: MariaDB has one with TLS, PostgreSQL may be an address too', () => {
  const log = new RecordingLogger();
  for (const host of ['192.0.2.1', '2001:db8::1'])
    assert.throws(
      () => {
        judgeServer({ ...serverSettings('mariadb', host, 'house'), tls: true }, log);
      },
      (error) => error instanceof ConfigError && /database\.host: with tls = true expected the name/.test(error.message),
    );
  judgeServer({ ...serverSettings('mariadb', 'db.example', 'house'), tls: true }, log);
  judgeServer({ ...serverSettings('postgresql', '192.0.2.1', 'house'), tls: true }, log);
  judgeServer(serverSettings('mariadb', '127.0.0.1', 'house'), log);
});

test('what is read back comes from a server that could be verified, too', async () => {
  const settings = sqlSettings({ ...serverSettings('mariadb', '192.0.2.1', 'house'), tls: true });
  const reading = sql.reader?.(settings, sinkContext(new FakeClock()).context, new AbortController().signal);
  await assert.rejects(async () => reading, ConfigError);
});
