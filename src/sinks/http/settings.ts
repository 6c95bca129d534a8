import { ConfigError, type Problem } from '../../model/errors.js';
import { defineSettings, type SettingsOf } from '../../model/settings.js';
import { basicAuthorization, HTTP_SETTINGS, isHeaderValue, judgeHttp, NO_HEADER } from '../http-settings.js';
import { semLayout } from './sem.js';
import { parseTemplate, type Layout } from './template.js';

/** The keys of a sink `http`. */
export const SETTINGS = defineSettings({
  url: { doc: 'Where readings are sent to', format: 'http-url' },
  method: { doc: 'How they are sent', format: ['POST', 'PUT', 'PATCH'], default: 'POST' },
  template: {
    doc: 'The body, as JSON with placeholders such as {device}, {time} or {energy/imported-total kWh}; everything by nodes when absent',
    format: 'text',
    optional: true,
  },
  headers: { each: { doc: 'A header of each request', format: 'text' } },
  secret_headers: { each: { doc: 'A header of each request that nobody else may know', format: 'text', sensitive: true } },
  bearer_token: { doc: 'A token, sent as Authorization: Bearer …', format: 'text', optional: true, sensitive: true },
  username: { doc: 'User name, where the server asks for one', format: 'text', optional: true },
  password: { doc: 'The password of username', format: 'text', optional: true, sensitive: true },
  hmac_key: { doc: 'Signs each body with HMAC-SHA256', format: 'text', optional: true, sensitive: true },
  hmac_header: { doc: 'Where the signature goes, as sha256=<hexadecimal digits>', format: 'text', default: 'X-Signature-256' },
  refused_statuses: {
    doc: 'Statuses by which the server says that it will never take a reading; with every other one it is repeated',
    format: 'text',
    default: '400 413 415 422',
  },
  preset: { doc: 'A form that other servers are used to', format: ['sem'], optional: true },
  api_key: { doc: 'With preset = "sem": the key that the server knows', format: 'text', optional: true, sensitive: true },
  production: {
    doc: 'With preset = "sem": whether Ppl is tariff 1 and Pph tariff 2, as its senders have it, or the other way round, as it is for consumption',
    format: ['swapped', 'straight'],
    default: 'swapped',
  },
  ...HTTP_SETTINGS,
});

/** What they hold after validation. */
export type HttpSettings = SettingsOf<typeof SETTINGS>;

/** What the settings come to. */
export interface Plan {
  readonly layout: Layout;
  /** Statuses with which a reading is dropped. */
  readonly refused: ReadonlySet<number>;
  /** Of every request, `Authorization` among them. */
  readonly headers: Readonly<Record<string, string>>;
  /** What no log line may show. */
  readonly secrets: readonly (string | undefined)[];
}

/** RFC 9110, section 5.6.2, as far as keys of settings go. */
const HEADER_NAME = /^[A-Za-z0-9_-]+$/;
/** Made by us, so that nobody else may. */
const OWN_HEADERS: ReadonlySet<string> = new Set(['content-length', 'content-type', 'idempotency-key', 'host', 'connection']);

/**
 * What the settings mean together.
 * @throws ConfigError what does not go together, with everything that does not
 */
export function planOf(settings: HttpSettings): Plan {
  const { preset, template, api_key: apiKey, username, password, bearer_token: token } = settings;
  const problems: Problem[] = [];
  const complain = (key: string, message: string): void => {
    problems.push({ source: '', key, message });
  };
  if (preset && template !== undefined) complain('preset', 'makes the whole body: expected either it or a template');
  if (preset && apiKey === undefined) complain('api_key', 'is needed with preset = "sem"');
  if (!preset && apiKey !== undefined) complain('api_key', 'is of use with preset = "sem" only');
  if (!preset && settings.production !== 'swapped') complain('production', 'is of use with preset = "sem" only');
  if (password !== undefined && username === undefined) complain('username', 'is needed beside password');
  if (token !== undefined && username !== undefined) complain('bearer_token', 'expected either it or username and password');
  if (token !== undefined && !isHeaderValue(token)) complain('bearer_token', NO_HEADER);
  const statuses = settings.refused_statuses.split(/[\s,]+/).filter((status) => status !== '');
  if (!statuses.every((status) => /^[45]\d\d$/.test(status)))
    complain('refused_statuses', 'expected statuses such as 400 422, from 400 to 599');
  if (!HEADER_NAME.test(settings.hmac_header)) complain('hmac_header', 'expected the name of a header');
  for (const table of ['headers', 'secret_headers'] as const)
    for (const [name, value] of Object.entries(settings[table] ?? {})) {
      if (OWN_HEADERS.has(name.toLowerCase())) complain(`${table}.${name}`, 'is made by this program');
      if (!isHeaderValue(value)) complain(`${table}.${name}`, NO_HEADER);
    }
  const parsed = parseTemplate(template);
  if (typeof parsed === 'string') complain('template', parsed);
  if (problems.length > 0) throw new ConfigError(problems);
  judgeHttp(settings, settings.url);

  const refused = new Set(statuses.map(Number));
  const layout = preset ? semLayout(apiKey ?? '', settings.production) : parsed;
  return { refused, headers: headersOf(settings), secrets: secretsOf(settings), layout: layout as Layout };
}

function headersOf(settings: HttpSettings): Readonly<Record<string, string>> {
  const { headers, secret_headers: secret, bearer_token: token, username, password = '' } = settings;
  const authorization = token === undefined ? username && basicAuthorization(username, password) : `Bearer ${token}`;
  return { ...(authorization !== undefined && { Authorization: authorization }), ...headers, ...secret };
}

function secretsOf({
  secret_headers: headers,
  bearer_token: token,
  password,
  hmac_key: hmacKey,
  api_key: apiKey,
  ...rest
}: HttpSettings) {
  const basic = password && basicAuthorization(rest.username ?? '', password);
  // The path or the query of a webhook is often what proves who we are.
  const { pathname, search } = new URL(rest.url);
  return [...Object.values(headers ?? {}), token, password, basic, hmacKey, apiKey, `${pathname}${search}`.slice(1)];
}
