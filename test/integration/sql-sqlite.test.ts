import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/pipeline/clock.js';
import { openSqliteToRead } from '../../src/sinks/sql/sqlite.js';
import { sqlContract } from '../support/sql-contract.js';
import { sqlSettings } from '../support/sql.js';

sqlContract('SQLite', { skip: false }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'sqlite-'));
  const inner = join(folder, 'disk');
  const path = join(inner, 'meter.sqlite');
  return Promise.resolve({
    settings: sqlSettings({ type: 'sqlite', path }),
    connect: () => openSqliteToRead(path, systemClock),
    // As where a disk is unmounted.
    isUp: (up) => {
      if (up) {
        rmSync(inner);
        renameSync(`${inner}.aside`, inner);
      } else {
        renameSync(inner, `${inner}.aside`);
        writeFileSync(inner, '');
      }
      return Promise.resolve();
    },
    end: () => {
      rmSync(folder, { recursive: true, force: true });
      return Promise.resolve();
    },
  });
});
