import { X509Certificate } from 'node:crypto';
import { Agent as HttpAgent, request as requestHttp, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { createSecureContext, type SecureContext } from 'node:tls';
import { LinkError } from '../model/errors.js';
import type { Clock } from '../model/ports.js';
import { networkReason } from './network-reasons.js';
import { codeOf, readPem } from './pem.js';

/** More of an answer is not read where nothing else is said: it is for a log line at the most. */
const MAX_ANSWER_BYTES = 65_536;

/** Servers hang up on connections that are idle. */
const IDLE_MS = 60_000;

/** A server that asks for more is asked again all the same. */
const MAX_RETRY_AFTER_MS = 3_600_000;

/** What a server is to be told. The headers need not say how long the body is. */
export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** How much of the answer is read; 64 KiB when absent. */
  readonly maxAnswerBytes?: number;
}

/** What a server says. */
export interface HttpAnswer {
  readonly status: number;
  /** How long it asks us to stay away. */
  readonly retryAfterMs?: number;
  /** Its body; of a longer one as much as was asked for. */
  readonly text: string;
}

/** Requests to one server, one after the other, on a connection that is kept open between them. */
export interface HttpClient {
  /** @throws LinkError no answer came, with what a user can do about it; the signal's reason when that aborts */
  request(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer>;
  close(): void;
}

/** With what a server is reached. */
export interface HttpClientOptions {
  /** Whose certificates the server's must be signed by: a PEM text, or the path of a file. Without it, the public authorities. */
  readonly ca: string | undefined;
  /** For servers that say until when to stay away. */
  readonly clock: Pick<Clock, 'now'>;
}

/**
 * Prepares requests to a server; connects to nothing yet. Certificates and names are always verified, redirections are not followed.
 * @throws LinkError `ca` cannot be read or used
 */
export async function openHttpClient({ ca, clock }: HttpClientOptions, signal: AbortSignal): Promise<HttpClient> {
  const options = { keepAlive: true, maxSockets: 1, timeout: IDLE_MS };
  const plain = new HttpAgent(options);
  const secureContext = ca === undefined ? undefined : await readAuthority(ca, signal);
  const secure = new HttpsAgent({ ...options, rejectUnauthorized: true, ...(secureContext && { secureContext }) });

  const send = ({ method, url, headers }: HttpRequest, length: number, cancel: AbortSignal): ClientRequest => {
    const all = { method, headers: { ...headers, 'Content-Length': length }, signal: cancel };
    return url.protocol === 'https:' ? requestHttps(url, { ...all, agent: secure }) : requestHttp(url, { ...all, agent: plain });
  };

  async function request(what: HttpRequest, cancel: AbortSignal, repeated = false): Promise<HttpAnswer> {
    cancel.throwIfAborted();
    const sent = send(what, what.body.length, cancel);
    try {
      return await readAnswer(await answerTo(sent, what.body), what.maxAnswerBytes ?? MAX_ANSWER_BYTES, clock.now());
    } catch (cause) {
      cancel.throwIfAborted();
      // The server hung up on an idle connection while the request was on its way.
      if (sent.reusedSocket && !repeated && HUNG_UP.has(codeOf(cause))) return await request(what, cancel, true);
      throw new LinkError(`cannot reach ${what.url.origin}: ${reasonFor(cause)}`, { cause });
    }
  }

  return {
    request: (what, cancel) => request(what, cancel),
    close: () => {
      plain.destroy();
      secure.destroy();
    },
  };
}

/** How long to stay away, as `Retry-After` says it: seconds, or a date. RFC 9110, section 10.2.3. */
export function parseRetryAfter(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : parseDate(text) - now;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS);
}

/** A date of HTTP, such as `Thu, 15 Jan 2026 12:00:30 GMT`; NaN when it is none. */
function parseDate(text: string): number {
  return /^[A-Z][a-z]{2}, .* GMT$/.test(text) ? Date.parse(text) : NaN;
}

const HUNG_UP: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE']);

const NAMES = { url: 'url', ca: 'ca', server: 'the server', plain: 'http://' } as const;

function reasonFor(error: unknown): string {
  const code = codeOf(error);
  if (HUNG_UP.has(code)) return 'it closed the connection; does it speak TLS on this port, https://?';
  if (code.startsWith('HPE_')) return 'what answers there does not speak HTTP, or speaks TLS, https://';
  return networkReason(code, NAMES) ?? code;
}

function answerTo(request: ClientRequest, body: Uint8Array): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve);
    // Also after the response has begun: an error that nobody hears would end the program.
    request.on('error', reject);
    request.end(body);
  });
}

async function readAnswer(response: IncomingMessage, maxBytes: number, now: number): Promise<HttpAnswer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    length += chunk.length;
    // Leaving the loop ends the connection.
    if (length > maxBytes) break;
  }
  const retryAfterMs = parseRetryAfter(response.headers['retry-after'], now);
  return {
    status: response.statusCode ?? 0,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    text: Buffer.concat(chunks).subarray(0, maxBytes).toString('utf8'),
  };
}

async function readAuthority(ca: string, signal: AbortSignal): Promise<SecureContext> {
  const pem = await readPem('ca', ca, signal);
  try {
    // By itself a context takes anything, and trusts nobody then.
    new X509Certificate(pem);
    return createSecureContext({ ca: pem });
  } catch (cause) {
    throw new LinkError('ca: TLS cannot use what is there; PEM is expected', { cause });
  }
}
