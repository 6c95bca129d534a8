import { PRECISIONS, type Precision } from '../../codecs/line-protocol.js';
import { ConfigError, type Problem } from '../../model/errors.js';
import { defineSettings, type SettingsOf } from '../../model/settings.js';
import { HTTP_SETTINGS, isHeaderValue, judgeHttp, NO_HEADER } from '../http-settings.js';
import { APIS, type Key, type Version } from './api.js';
import { parseMap } from './map.js';
import { PRESETS } from './presets.js';
import { declared, declaredNames, native, nativeNames, type Naming, type Schema } from './series.js';

/** The keys of a sink `influxdb`. */
export const SETTINGS = defineSettings({
  version: { doc: 'Which generation of InfluxDB: 1, 2 or 3', format: 'integer', min: 1, max: 3 },
  url: {
    doc: 'The server. Without it http://localhost:8086, with version 3 http://localhost:8181',
    format: 'http-url',
    optional: true,
  },
  database: { doc: 'With version 1 or 3: the database', format: 'text', optional: true },
  create_database: { doc: 'With version 1: whether a database that is not there is made', format: 'boolean', default: true },
  retention_policy: {
    doc: "With version 1: the retention policy; the database's own when absent",
    format: 'text',
    optional: true,
  },
  username: { doc: 'With version 1: user name, where the server asks for one', format: 'text', optional: true },
  password: { doc: 'With version 1: the password of username', format: 'text', optional: true, sensitive: true },
  org: { doc: 'With version 2: the organisation', format: 'text', optional: true },
  bucket: { doc: 'With version 2: the bucket', format: 'text', optional: true },
  token: { doc: 'With version 2 or 3: the token', format: 'text', optional: true, sensitive: true },
  preset: {
    doc: 'How values are laid out: everything by nodes, or as dashboards of other programs expect it',
    format: ['native', ...(Object.keys(PRESETS) as (keyof typeof PRESETS)[])],
    optional: true,
  },
  map: {
    each: {
      doc: 'In place of a preset: the fields of a measurement, such as import = energy/imported-total kWh',
      format: 'text',
    },
  },
  tags: { each: { doc: 'A tag that all points have', format: 'text' } },
  diagnostics: {
    doc: 'With the preset native: whether also what is about the meter itself is stored, such as serial numbers',
    format: 'boolean',
    default: false,
  },
  precision: {
    doc: 'How exactly times are written. Without it ms, with another preset than native s',
    format: PRECISIONS,
    optional: true,
  },
  gzip: { doc: 'Whether what is sent is compressed', format: 'boolean', default: true },
  batch: { doc: 'How many readings are written at once at the most', format: 'integer', default: 500, min: 1, max: 10_000 },
  batch_interval: { doc: 'How long a reading waits for others at the most', format: 'duration', default: '10s', max: 3_600_000 },
  ...HTTP_SETTINGS,
});

/** What they hold after validation. */
export type InfluxSettings = SettingsOf<typeof SETTINGS>;

/** What the settings come to. */
export interface Plan {
  readonly version: Version;
  readonly schema: Schema;
  /** What its fields hold; undefined when points do not say of which meter they are. */
  readonly naming: Naming | undefined;
  readonly precision: Precision;
}

/** Keys that belong to some versions alone, as far as they have no default. */
const VERSIONED = ['database', 'retention_policy', 'username', 'password', 'org', 'bucket', 'token'] as const satisfies Key[];

/**
 * What the settings mean together.
 * @throws ConfigError what does not go together, with everything that does not
 */
export function planOf(settings: InfluxSettings): Plan {
  // The format allows these alone.
  const version = settings.version as Version;
  const problems = [...versionProblems(settings, version), ...tagProblems(settings)];
  const { preset, map, diagnostics, tags = {} } = settings;
  const complain = (key: string, message: string): void => {
    problems.push({ source: '', key, message });
  };
  if (preset !== undefined && map) complain('preset', 'lays out everything: expected either it or a table map');
  if (diagnostics && (map || (preset ?? 'native') !== 'native')) complain('diagnostics', 'is of use with preset = "native" only');
  if (settings.token !== undefined && !isHeaderValue(settings.token)) complain('token', NO_HEADER);
  const parsed = parseMap(map ?? {});
  problems.push(...parsed.problems);
  if (problems.length > 0) throw new ConfigError(problems);
  judgeHttp(settings, settings.url ?? APIS[version].defaultUrl);

  const isForeign = preset !== undefined && preset !== 'native';
  const precision = settings.precision ?? (isForeign ? 's' : 'ms');
  if (isForeign) return { version, precision, schema: declared(PRESETS[preset], tags, false), naming: undefined };
  if (!map) return { version, precision, schema: native(tags, diagnostics), naming: nativeNames };
  return { version, precision, schema: declared(parsed.series, tags, true), naming: declaredNames(parsed.series) };
}

function versionProblems(settings: InfluxSettings, version: Version): Problem[] {
  const { needs, uses } = APIS[version];
  const missing = needs.filter((key) => settings[key] === undefined);
  const useless = VERSIONED.filter((key) => settings[key] !== undefined && ![...needs, ...uses].includes(key));
  return [
    ...missing.map((key) => ({ source: '', key, message: `is needed with version = ${version}` })),
    ...useless.map((key) => ({ source: '', key, message: `is of no use with version = ${version}` })),
    ...(settings.password !== undefined && settings.username === undefined
      ? [{ source: '', key: 'username', message: 'is needed beside password' }]
      : []),
  ];
}

function tagProblems({ tags = {} }: InfluxSettings): Problem[] {
  return Object.hasOwn(tags, 'time') ? [{ source: '', key: 'tags.time', message: 'InfluxDB keeps this name to itself' }] : [];
}
