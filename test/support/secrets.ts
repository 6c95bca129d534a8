import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Secrets by name, each as the byte strings that give it away. */
export type Secrets = Readonly<Record<string, readonly Uint8Array[]>>;

/** How many bytes in a row are a leak: fewer may be chance. */
const TELLING_BYTES = 8;

/** Where the secret number stands in the DER text of a PKCS #8 key on P-256, in bytes; what surrounds it is in every such key, or public. RFC 5915. */
const SCALAR = { from: 36, to: 68 } as const;

/** A password. */
export function passwordSecret(text: string): readonly Uint8Array[] {
  return [Buffer.from(text)];
}

/** A meter's key: its bytes, and the digits that stand in a secrets file. */
export function keySecret(key: Uint8Array): readonly Uint8Array[] {
  return [key, Buffer.from(Buffer.from(key).toString('hex'))];
}

/** A private key on P-256: its secret number, and the part of the PEM text that holds it. */
export function pemSecret(pem: string): readonly Uint8Array[] {
  const body = pem.replaceAll(/-----[^-]+-----|\s/g, '');
  const [from, to] = [Math.ceil(SCALAR.from / 3) * 4, Math.floor(SCALAR.to / 3) * 4];
  return [Buffer.from(body, 'base64').subarray(SCALAR.from, SCALAR.to), Buffer.from(body.slice(from, to))];
}

/** Where secrets are found: the place, the secret and its form there. A part of a secret is one; line breaks, separators and escapes do not hide it. */
export function leaks(secrets: Secrets, places: Readonly<Record<string, string>>): string[] {
  return Object.entries(places).flatMap(([place, text]) => {
    const shown = WAYS.map(({ form, squeeze, write }) => ({ form, write, text: squeeze(text) }));
    return Object.entries(secrets).flatMap(([name, secret]) =>
      shown
        .filter((way) =>
          secret.some((bytes) => windowsOf(bytes).some((part) => way.write(part).some((one) => way.text.includes(one)))),
        )
        .map(({ form }) => `${place}: ${name} (${form})`),
    );
  });
}

/** Every file below a folder as a place, if there is such a folder: also what is binary, since a secret would stay what it is. */
export function filesBelow(folder: string): Record<string, string> {
  if (!existsSync(folder)) return {};
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => [join(parentPath, name), readFileSync(join(parentPath, name), 'latin1')]),
  );
}

/** A way to show bytes: how they are written, and what is taken out of a text before it is searched for them. */
interface Way {
  readonly form: string;
  readonly squeeze: (text: string) => string;
  readonly write: (bytes: Uint8Array) => readonly string[];
}

const WAYS: readonly Way[] = [
  { form: 'as it is', squeeze: plain, write: (bytes) => [plain(Buffer.from(bytes).toString('latin1'))] },
  {
    form: 'percent-encoded',
    squeeze: (text) => text,
    write: (bytes) => [encodeURIComponent(Buffer.from(bytes).toString('latin1'))],
  },
  {
    form: 'hexadecimal',
    squeeze: (text) => text.replaceAll(/0x|\\x|[^0-9a-f]/gi, '').toLowerCase(),
    write: (bytes) => [Buffer.from(bytes).toString('hex')],
  },
  {
    form: 'base64',
    squeeze: (text) => plain(text).replaceAll('-', '+').replaceAll('_', '/'),
    write: (bytes) => [0, 1, 2].map((offset) => base64At(offset, bytes)),
  },
  { form: 'decimal', squeeze: (text) => text.replaceAll(/[\s[\]]/g, ''), write: (bytes) => [`,${bytes.join(',')},`] },
];

/** Text without what a printer may put into it: white space, and escapes for it, quotes and backslashes. */
function plain(text: string): string {
  return text.replaceAll(/\\[nrt]|[\s\\"']/g, '');
}

/** What base64 makes of bytes that begin at this offset of its groups of three, without the letters that their neighbours share. */
function base64At(offset: number, bytes: Uint8Array): string {
  const shifted = Buffer.concat([Buffer.alloc(offset), bytes]);
  const whole = shifted.subarray(0, shifted.length - (shifted.length % 3));
  return whole.toString('base64').slice(offset === 0 ? 0 : 4);
}

function windowsOf(bytes: Uint8Array): Uint8Array[] {
  const last = Math.max(bytes.length - TELLING_BYTES, 0);
  return Array.from({ length: last + 1 }, (_, from) => bytes.subarray(from, from + TELLING_BYTES));
}
