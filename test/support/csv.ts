import type { CsvSettings } from '../../src/sinks/csv/settings.js';

/** Settings of a sink `csv` as they are after validation, in Vienna where a test does not say otherwise. */
export function csvSettings(some: Partial<CsvSettings> & Pick<CsvSettings, 'folder'>): CsvSettings {
  return {
    preset: 'native',
    files: undefined,
    rotate: undefined,
    max_megabytes: 10,
    max_age: undefined,
    time_zone: 'Europe/Vienna',
    gzip: false,
    keep_days: undefined,
    write_interval: 60_000,
    ...some,
  };
}
