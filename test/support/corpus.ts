import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A capture: its bytes, and what a second decoder read from it (the parsed `expected.json`). */
export interface CorpusFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly expected: unknown;
}

/** The folder of the captures, which are not part of the repository. */
export const corpus = process.env.METER_CORPUS;

/** For `test(…, { skip: skipWithoutCorpus }, …)`: why a test of captures does not run, or false when it does. */
export const skipWithoutCorpus = corpus === undefined ? 'METER_CORPUS is not set' : false;

/** The captures of one folder of the corpus; none when there is no corpus. `.hex` files are decoded, `.txt` and `.bin` are the bytes themselves. */
export function corpusFiles(folder: string): CorpusFile[] {
  if (corpus === undefined) return [];
  const path = join(corpus, folder);
  return readdirSync(path)
    .filter((file) => file.endsWith('.expected.json'))
    .map((file) => {
      const expected = JSON.parse(readFileSync(join(path, file), 'utf8')) as { readonly file: string };
      return { name: expected.file, bytes: readBytes(join(path, expected.file)), expected };
    });
}

function readBytes(path: string): Uint8Array {
  const content = readFileSync(path);
  return path.endsWith('.hex') ? Buffer.from(content.toString('latin1').replaceAll(/\s/g, ''), 'hex') : content;
}
