import { ConfigError, type Problem } from '../../model/errors.js';
import { defineSettings, type SettingsOf } from '../../model/settings.js';
import { templateProblem } from './names.js';
import type { Limits } from './plan.js';

const MEBIBYTE = 2 ** 20;

/** The keys of a sink `csv`. */
export const SETTINGS = defineSettings({
  folder: { doc: 'The folder of the files; made where it is not there', format: 'text' },
  preset: { doc: 'What the lines hold', format: ['native', 'tele', 'belgian'], default: 'native' },
  files: {
    doc: 'What files are called below the folder: {device}, {date} (or {time} of the first reading) stand for what they say; by preset when absent',
    format: 'text',
    optional: true,
  },
  rotate: {
    doc: 'When a new file is begun: at the midnight of the meter, or when one is too large or too old; by preset when absent',
    format: ['day', 'size', 'age'],
    optional: true,
  },
  max_megabytes: { doc: 'With rotate = "size": how large a file becomes', format: 'integer', default: 10, min: 1, max: 10_000 },
  max_age: {
    doc: 'With rotate = "age": what time a file spans; by preset when absent',
    format: 'duration',
    optional: true,
    min: 1_000,
  },
  time_zone: { doc: "The meter's time zone; that of this machine when absent", format: 'time-zone', optional: true },
  gzip: { doc: 'Whether files are packed when they are closed', format: 'boolean', default: false },
  keep_days: {
    doc: 'After how many days closed files are deleted; never when absent',
    format: 'integer',
    optional: true,
    min: 1,
  },
  write_interval: { doc: 'How long readings may wait before they are written', format: 'duration', default: '1m', min: 100 },
});

/** What they hold after validation. */
export type CsvSettings = SettingsOf<typeof SETTINGS>;

/** How files begin and end, and what they are called. */
export interface Rotation {
  readonly files: string;
  readonly limits: Limits;
}

type Rotate = NonNullable<CsvSettings['rotate']>;

/** What holds for a preset where the settings do not say otherwise. The readers of Belgian files expect small ones. */
const USUAL: Readonly<
  Record<
    CsvSettings['preset'],
    { readonly rotate: Rotate; readonly files: Readonly<Record<Rotate, string>>; readonly ageMs: number; readonly lines: number }
  >
> = {
  native: { rotate: 'day', files: named('{device}/'), ageMs: 86_400_000, lines: Infinity },
  tele: { rotate: 'day', files: named('rt/sm/'), ageMs: 86_400_000, lines: Infinity },
  belgian: { rotate: 'age', files: named('{device}_'), ageMs: 300_000, lines: 100 },
};

function named(prefix: string): Readonly<Record<Rotate, string>> {
  return { day: `${prefix}{date}.csv`, size: `${prefix}{time}.csv`, age: `${prefix}{time}.csv` };
}

/**
 * What the settings say of files.
 * @throws ConfigError names that leave the folder, or do not tell one file from the next
 */
export function rotationOf({
  preset,
  files: wanted,
  rotate: when,
  max_megabytes: megabytes,
  max_age: ageMs,
}: CsvSettings): Rotation {
  const usual = USUAL[preset];
  const rotate = when ?? usual.rotate;
  const files = wanted ?? usual.files[rotate];
  const expected = rotate === 'day' ? '{date}' : '{time}';
  const other = rotate === 'day' ? '{time}' : '{date}';
  const problems: Problem[] = [];
  const complain = (key: string, message: string): void => {
    problems.push({ source: '', key, message });
  };
  const wrong = templateProblem(files);
  if (wrong !== undefined) complain('files', wrong);
  else if (!files.includes(expected) || files.includes(other))
    complain('files', `expected ${expected} and no ${other} in it, with rotate = "${rotate}"`);
  if (preset === 'tele' && rotate !== 'day') complain('rotate', 'the preset "tele" has a file for each day');
  if (ageMs !== undefined && rotate !== 'age') complain('max_age', 'is of use with rotate = "age" only');
  if (problems.length > 0) throw new ConfigError(problems);
  return {
    files,
    limits: {
      bytes: rotate === 'size' ? megabytes * MEBIBYTE : Infinity,
      ageMs: rotate === 'age' ? (ageMs ?? usual.ageMs) : Infinity,
      lines: rotate === 'age' ? usual.lines : Infinity,
    },
  };
}
