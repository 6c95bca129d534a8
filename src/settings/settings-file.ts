import { open } from 'node:fs/promises';
import { parse, TomlError } from 'smol-toml';

/** What became of reading a settings file. `mode` holds the permission bits of the file that was read. */
export type SettingsFile =
  | { readonly kind: 'read'; readonly table: object; readonly mode: number }
  | { readonly kind: 'absent' }
  | { readonly kind: 'forbidden' }
  /** It is there and cannot be used; `reason` quotes nothing of it. */
  | { readonly kind: 'broken'; readonly reason: string };

const MAX_BYTES = 1_048_576;

/** Reads a TOML file. The mode is that of the opened file, so that nobody can swap it between the look and the reading. */
export async function readSettingsFile(path: string): Promise<SettingsFile> {
  try {
    const file = await open(path, 'r');
    try {
      const { mode, size } = await file.stat();
      if (size > MAX_BYTES) return { kind: 'broken', reason: `larger than ${MAX_BYTES} bytes, which no settings file is` };
      return parseToml(await file.readFile(), mode & 0o777);
    } finally {
      await file.close();
    }
  } catch (error) {
    return notRead(error);
  }
}

function parseToml(bytes: Uint8Array, mode: number): SettingsFile {
  try {
    return { kind: 'read', table: parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)), mode };
  } catch (error) {
    if (error instanceof TomlError) return { kind: 'broken', reason: syntaxError(error) };
    if (!(error instanceof TypeError)) throw error;
    return { kind: 'broken', reason: 'not a text in UTF-8' };
  }
}

/** The first line of the parser's message is its reason; the others quote the file, which may hold a secret. */
function syntaxError({ line, column, message }: TomlError): string {
  const [reason = ''] = message.replace('Invalid TOML document: ', '').split('\n');
  return `line ${line}, column ${column}: ${reason}`;
}

function notRead(error: unknown): SettingsFile {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') throw error;
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return { kind: 'absent' };
    case 'EACCES':
    case 'EPERM':
      return { kind: 'forbidden' };
    default:
      return { kind: 'broken', reason: `cannot be read (${error.code})` };
  }
}
