import { open } from 'node:fs/promises';
import { LinkError } from '../model/errors.js';

/**
 * Reads a setting that holds a PEM text, or the path of a file that does. The file of a private one must be closed to others.
 * @param name the setting's, for what is said when it cannot be read
 * @throws LinkError the file cannot be read, or everybody can read one that is private
 */
export async function readPem(name: string, value: string, signal: AbortSignal, privacy?: 'private'): Promise<string> {
  if (value.includes('-----BEGIN ')) return value;
  try {
    const file = await open(value, 'r');
    try {
      const { mode } = await file.stat();
      // Its group may: Debian has one, ssl-cert, for programs that share keys.
      if (privacy && (mode & 0o004) !== 0)
        throw new LinkError(
          `everybody can read the file that ${name} names (mode ${(mode & 0o777).toString(8).padStart(4, '0')}): chmod 600`,
        );
      return await file.readFile({ encoding: 'utf8', signal });
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (signal.aborted || cause instanceof LinkError) throw cause;
    // The value is not shown: who mistyped the PEM text of a private key would find it in the log.
    throw new LinkError(`cannot read the file that ${name} names: ${codeOf(cause)}`);
  }
}

/** What Node calls an error; the error as a text where that has no code. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
