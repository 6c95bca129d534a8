import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A module of the program that is about to start, the very one that it will use. */
export async function programModule(path: string): Promise<Record<string, unknown>> {
  const main = process.argv[1] ?? '';
  return (await import(pathToFileURL(join(dirname(main), path)).href)) as Record<string, unknown>;
}
