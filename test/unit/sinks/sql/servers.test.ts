import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError } from '../../../../src/model/errors.js';
import { judgeServer } from '../../../../src/sinks/sql/servers.js';
import { RecordingLogger } from '../../../support/logger.js';
import { serverSettings } from '../../../support/sql.js';

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
