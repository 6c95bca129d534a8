import { isSection, keyOf, type Source } from './written.js';

const LONGEST_SHOWN = 60;

/** What secrets look like wherever they stand: a key in hexadecimal, a private key, a password before a host. */
const SECRET_LOOKS = [/[0-9a-f]{32}/i, /-----BEGIN/, /:.*@/s];

/** A value for a person to see; only its kind and length when it is secret, stands among secrets, or looks like one. */
export function showValue(
  value: unknown,
  from: { readonly source?: Source | undefined; readonly sensitive?: true | undefined },
): string {
  if (typeof value !== 'string') return showKind(value, from.sensitive === true || from.source?.hidden === true);
  if (value === '') return 'an empty text';
  const hidden = from.sensitive === true || from.source?.hidden === true || looksSecret(value) || value.length > LONGEST_SHOWN;
  return hidden ? `a text of ${value.length} characters (not shown)` : JSON.stringify(value);
}

/** A dotted key for a person to see, without names that look like a secret in the wrong place. */
export function showKey(path: readonly string[]): string {
  return keyOf(path.map((name) => (looksSecret(name) || name.length > LONGEST_SHOWN ? '(not shown)' : name)));
}

function looksSecret(text: string): boolean {
  return SECRET_LOOKS.some((look) => look.test(text));
}

function showKind(value: unknown, hidden: boolean): string {
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Date) return 'a date or time';
  if (isSection(value)) return 'a section';
  return hidden ? `a ${typeof value} (not shown)` : String(value);
}
