import { ConfigError } from '../model/errors.js';
import { defineSettings, type SettingsOf } from '../model/settings.js';
import { isLoopback } from '../transports/loopback.js';

/** How a server is reached: for every sink that speaks HTTP. */
export const HTTP_SETTINGS = defineSettings({
  ca: {
    doc: "With https://, whose certificates the server's must be signed by: the path of a PEM file, or its text. Without it, the public authorities",
    format: 'text',
    optional: true,
  },
  allow_plain_http: {
    doc: 'Whether http:// may go to another host, where everybody on the way can read and change what is sent, secrets included',
    format: 'boolean',
    default: false,
  },
});

/** What a person must put right is not tried more often. */
export const CONFIGURATION_RETRY_MS = 300_000;

/** How much of an answer a log line shows. */
const SHOWN_CHARACTERS = 200;

/** Fewer characters of a secret in a row may be chance. */
const TELLING_CHARACTERS = 8;

/**
 * Refuses what would go over the network unprotected by oversight.
 * @throws ConfigError
 */
export function judgeHttp({ allow_plain_http: allowed }: SettingsOf<typeof HTTP_SETTINGS>, url: string): void {
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:' || allowed || isLoopback(hostname)) return;
  throw new ConfigError([
    {
      source: '',
      key: 'url',
      message:
        'http:// to another host is readable for everybody on the way: expected https://, or allow_plain_http = true beside it',
    },
  ]);
}

/**
 * What a server said, for a log line: its beginning, on one line. Nothing of it when it repeats a part of a secret of ours, as some servers do with what they refuse.
 * @param secrets as they are sent
 */
export function excerpt(text: string, secrets: readonly (string | undefined)[]): string {
  const squeezed = squeeze(text);
  if (secrets.some((secret) => secret !== undefined && tells(squeezed, secret))) return '(not shown, since it repeats a secret)';
  const line = text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
  return line.length > SHOWN_CHARACTERS ? `${line.slice(0, SHOWN_CHARACTERS)} …` : line;
}

function tells(squeezed: string, secret: string): boolean {
  return [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')].map(squeeze).some((form) => {
    const parts = Array.from({ length: Math.max(form.length - TELLING_CHARACTERS, 0) + 1 }, (_, from) =>
      form.slice(from, from + TELLING_CHARACTERS),
    );
    return parts.some((part) => part !== '' && squeezed.includes(part));
  });
}

/** Without what servers put into texts that they quote. */
function squeeze(text: string): string {
  return text.replaceAll(/[\s\\"']/g, '');
}

/** What is said of a text that no header can hold. */
export const NO_HEADER = 'expected what a header can hold: no line breaks, no letters beyond Latin ones';

/** Whether a text can be the value of a header: what is visible, spaces and tabs. RFC 9110, section 5.5. */
export function isHeaderValue(text: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(text);
}

/** The value of `Authorization` for a user name and a password. RFC 7617. */
export function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
}

/** The value of `User-Agent` for a program's name and version. RFC 9110, section 10.1.5. */
export function userAgent(implementation: string): string {
  return implementation.replace(' ', '/');
}
