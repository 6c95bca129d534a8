import type { Precision } from '../../codecs/line-protocol.js';
import { basicAuthorization, excerpt, userAgent } from '../http-settings.js';

/** The generations of InfluxDB whose ways to write differ. */
export type Version = 1 | 2 | 3;

/** A setting that not every generation knows. */
export type Key = 'database' | 'retention_policy' | 'username' | 'password' | 'org' | 'bucket' | 'token';

/** The settings that say where to write, and as whom. */
export type Target = Readonly<Record<Key | 'url', string | undefined>>;

/** How a generation is written to. */
interface Api {
  readonly defaultUrl: string;
  readonly path: string;
  /** The parameters of a write, in their order; those without a value are left out. */
  readonly parameters: (settings: Target, precision: Precision) => Readonly<Record<string, string | undefined>>;
  /** The value of `Authorization`. */
  readonly authorization: (settings: Target) => string | undefined;
  /** Settings that are needed, and those that are of use; others are not. */
  readonly needs: readonly Key[];
  readonly uses: readonly Key[];
}

const V1_PRECISION: Readonly<Record<Precision, string>> = { s: 's', ms: 'ms', us: 'u', ns: 'n' };
const V3_PRECISION: Readonly<Record<Precision, string>> = { s: 'second', ms: 'millisecond', us: 'microsecond', ns: 'nanosecond' };

/** InfluxDB 1.x "POST /write", 2.x "POST /api/v2/write", 3 Core "POST /api/v3/write_lp". */
export const APIS: Readonly<Record<Version, Api>> = {
  1: {
    defaultUrl: 'http://localhost:8086',
    path: 'write',
    parameters: ({ database, retention_policy: rp }, precision) => ({ db: database, rp, precision: V1_PRECISION[precision] }),
    authorization: ({ username, password }) =>
      username === undefined ? undefined : basicAuthorization(username, password ?? ''),
    needs: ['database'],
    uses: ['retention_policy', 'username', 'password'],
  },
  2: {
    defaultUrl: 'http://localhost:8086',
    path: 'api/v2/write',
    parameters: ({ org, bucket }, precision) => ({ org, bucket, precision }),
    authorization: ({ token }) => token && `Token ${token}`,
    needs: ['org', 'bucket', 'token'],
    uses: [],
  },
  3: {
    defaultUrl: 'http://localhost:8181',
    path: 'api/v3/write_lp',
    parameters: ({ database }, precision) => ({
      db: database,
      precision: V3_PRECISION[precision],
      accept_partial: 'true',
      no_sync: 'false',
    }),
    authorization: ({ token }) => token && `Bearer ${token}`,
    needs: ['database'],
    uses: ['token'],
  },
};

/** Where readings are written to. */
export function writeUrl(settings: Target, version: Version, precision: Precision): URL {
  const { path, parameters } = APIS[version];
  return urlOf(settings, version, path, parameters(settings, precision));
}

/** An address below that of the server, which may itself stand behind a path. Parameters without a value are left out. */
export function urlOf(
  settings: Target,
  version: Version,
  path: string,
  parameters: Readonly<Record<string, string | undefined>> = {},
): URL {
  const base = settings.url ?? APIS[version].defaultUrl;
  const url = new URL(path, base.endsWith('/') ? base : `${base}/`);
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, value);
  return url;
}

/** What every request says of who asks. @param implementation the program's name and version */
export function identityHeaders(settings: Target, version: Version, implementation: string): Readonly<Record<string, string>> {
  const authorization = APIS[version].authorization(settings);
  return { 'User-Agent': userAgent(implementation), ...(authorization !== undefined && { Authorization: authorization }) };
}

/** What a server says, for a log: without our secrets. */
export function excerptOf({ token, username = '', password }: Target, said: string): string {
  return excerpt(said, [token, password, password && basicAuthorization(username, password)]);
}
