import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { isSystemError } from '../../pipeline/system-error.js';
import { linesOf, splitCells, unquote } from './line.js';
import { ENDINGS, numbered } from './names.js';

/** What is written beside a file before it takes its place. */
const UNFINISHED = '.new';
const CHUNK = 65_536;
const NEWLINE = 0x0a;

/** Writes a small file, whole or not at all, also when the power is cut. */
export async function replace(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path + UNFINISHED, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(path + UNFINISHED, path);
}

/** Writes a text at a place of a file, which is made where it is not there; whatever is behind that place is cut off. */
export async function writeAt(path: string, bytes: number, text: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await openOrMake(path);
  try {
    await file.truncate(bytes);
    let written = 0;
    while (written < text.length) {
      const { bytesWritten } = await file.write(text, written, text.length - written, bytes + written);
      written += bytesWritten;
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

function openOrMake(path: string): ReturnType<typeof open> {
  return open(path, 'r+').catch((error: unknown) => {
    if (!isSystemError(error) || error.code !== 'ENOENT') throw error;
    return open(path, 'wx', 0o600);
  });
}

/** How long a file is; undefined when there is none. */
export async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (!isSystemError(error) || error.code !== 'ENOENT') throw error;
    return undefined;
  }
}

/** Cuts a file after `bytes`, or after its last whole line where that is not known or it is shorter. @returns how long it is then */
export async function cut(path: string, bytes = Infinity): Promise<number> {
  const file = await open(path, 'r+');
  try {
    const { size } = await file.stat();
    const end = size >= bytes ? bytes : await lastLineEnd(file, size);
    if (end < size) await file.truncate(end);
    return end;
  } finally {
    await file.close();
  }
}

async function lastLineEnd(file: Awaited<ReturnType<typeof open>>, size: number): Promise<number> {
  const chunk = new Uint8Array(CHUNK);
  for (let end = size; end > 0; end -= CHUNK) {
    const from = Math.max(0, end - CHUNK);
    const { bytesRead } = await file.read(chunk, 0, end - from, from);
    const at = chunk.subarray(0, bytesRead).lastIndexOf(NEWLINE);
    if (at >= 0) return from + at + 1;
  }
  return 0;
}

/** The forms that a file below the folder may have: being written, closed, packed. */
export function formsOf(
  folder: string,
  path: string,
): { readonly open: string; readonly closed: string; readonly packed: string } {
  const closed = join(folder, path);
  return { open: closed + ENDINGS.open, closed, packed: closed + ENDINGS.packed };
}

/** Gives a file that is whole its name, packed where that is wanted. */
export async function close(folder: string, path: string, gzip: boolean): Promise<void> {
  const { open: part, closed } = formsOf(folder, path);
  await rename(part, closed);
  if (gzip) await pack(folder, path);
}

/** Packs a closed file; it keeps its time. */
export async function pack(folder: string, path: string): Promise<void> {
  const { closed, packed } = formsOf(folder, path);
  const { atime, mtime } = await stat(closed);
  await through(closed, packed, createGzip());
  await utimes(packed, atime, mtime);
  await rm(closed);
}

/** Makes a closed file one that is written again, for a reading that comes late. @returns how long it is */
export async function reopen(folder: string, path: string): Promise<number> {
  const { open: part, closed, packed } = formsOf(folder, path);
  if ((await sizeOf(closed)) !== undefined) await rename(closed, part);
  else if ((await sizeOf(part)) === undefined) {
    await through(packed, part, createGunzip());
    await rm(packed);
  }
  return cut(part);
}

async function through(from: string, to: string, change: NodeJS.ReadWriteStream): Promise<void> {
  await pipeline(createReadStream(from), change, createWriteStream(to + UNFINISHED, { mode: 0o600, flush: true }));
  await rename(to + UNFINISHED, to);
}

/** The text of a file in whichever form it is, piece by piece. @returns undefined when there is none */
export async function readFile(folder: string, path: string): Promise<AsyncIterable<string> | undefined> {
  const forms = formsOf(folder, path);
  for (const form of [forms.open, forms.closed] as const)
    if ((await sizeOf(form)) !== undefined) return createReadStream(form, 'utf8');
  if ((await sizeOf(forms.packed)) === undefined) return undefined;
  return createReadStream(forms.packed).pipe(createGunzip()).setEncoding('utf8');
}

/** The cells of a file's first line; none when it has none that can be read. */
export async function headerOf(folder: string, path: string): Promise<readonly string[]> {
  try {
    for await (const line of linesOf((await readFile(folder, path)) ?? [])) return splitCells(line).map(unquote);
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
  return [];
}

/** Whether an error is that of a packed file that cannot be unpacked. */
export function isDamage(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}

/** The highest number of a path that a file has; 0 when there is none. */
export async function highestNumber(folder: string, path: string): Promise<number> {
  for (let number = 0; ; number++) {
    const forms = Object.values(formsOf(folder, numbered(path, number + 1)));
    const sizes = await Promise.all(forms.map(sizeOf));
    if (sizes.every((size) => size === undefined)) return number;
  }
}

/** The paths of all files below a folder, relative to it. */
export async function listFiles(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder, { recursive: true })).sort();
  } catch (error) {
    if (!isSystemError(error) || error.code !== 'ENOENT') throw error;
    return [];
  }
}
