import { isIP } from 'node:net';
import { ConfigError, LinkError } from '../../model/errors.js';
import type { Logger } from '../../model/ports.js';
import { isLoopback } from '../../transports/loopback.js';
import { networkReason } from '../../transports/network-reasons.js';
import { readPem } from '../../transports/pem.js';
import type { ServerSettings } from './settings.js';

/** What a person must put right is not tried more often. */
const FOR_A_PERSON_MS = 300_000;

/** What a server's driver is told of TLS: whose certificates are believed; undefined without it. */
export async function tlsOf({ tls, ca }: ServerSettings, signal: AbortSignal): Promise<{ readonly ca?: string } | undefined> {
  if (!tls) return undefined;
  return ca === undefined ? {} : { ca: await readPem('database.ca', ca, signal) };
}

/** Whether a host is the path of a socket of this machine. */
export function isSocket(host: string): boolean {
  return host.startsWith('/');
}

/**
 * Warns of what goes over the network readable.
 * @throws ConfigError the server's certificate could not be verified
 */
export function judgeServer({ type, host, tls, ca }: ServerSettings, log: Logger): void {
  // Its driver would verify that the certificate is one of localhost.
  if (tls && type === 'mariadb' && isIP(host) !== 0)
    throw new ConfigError([
      {
        source: '',
        key: 'database.host',
        message: 'with tls = true expected the name in the certificate of MariaDB, not an address',
      },
    ]);
  if (!tls && !isSocket(host) && !isLoopback(host))
    log.warn(`what goes to the database on ${host}, its password included, is readable on the way: tls = true is for that`);
  if (!tls && ca !== undefined) log.warn('ca is not used: without tls = true nothing is verified');
}

/** A driver's error: an Error with a code of the network, of Node, or of the server. */
export interface DriverError extends Error {
  readonly code?: unknown;
  /** The server's standard code, five characters. */
  readonly sqlState?: unknown;
}

/** SQLSTATEs after which a person must act: wrong user or password, no such database, no right to it. */
const FOR_A_PERSON: ReadonlySet<string> = new Set([
  '28000',
  '28P01',
  '3D000',
  '42501',
  'ER_ACCESS_DENIED_ERROR',
  'ER_DBACCESS_DENIED_ERROR',
  'ER_BAD_DB_ERROR',
  'ER_TABLEACCESS_DENIED_ERROR',
]);

/** What we asked wrongly, by the codes of both servers: a mistake of this program. */
const OUR_MISTAKE: ReadonlySet<string> = new Set([
  '42601',
  '42703',
  '42804',
  '42883',
  '42P10',
  '42P18',
  '22P02',
  'ER_PARSE_ERROR',
  'ER_BAD_FIELD_ERROR',
  'ER_NON_UNIQ_ERROR',
]);

/** What an error of a server or of the way to it means for the pipeline: a lost link, in words; or the error itself where it is a mistake of ours. */
export function serverError(name: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof LinkError || error instanceof TypeError) return error;
  const { code = '' } = error as DriverError;
  if (OUR_MISTAKE.has(String(code))) return error;
  const names = { url: 'host', ca: 'ca', server: name, plain: 'tls = false' };
  const reason = networkReason(String(code), names);
  const words = [error.message || String(code), reason].filter((part) => part !== undefined).join('; ');
  return new LinkError(`${name}: ${words}`, {
    cause: error,
    ...(FOR_A_PERSON.has(String(code)) && { retryAfterMs: FOR_A_PERSON_MS }),
  });
}
