import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { CaptureError, encodeCaptureChunk, encodeCaptureHeader, parseCapture } from '../transports/capture.js';
import type { Capture, CaptureChunk } from '../transports/capture.js';
import { EXIT, Failure, type CommandContext } from './command.js';
import { failureOf, OutputFile } from './output-file.js';

/**
 * Reads a recording.
 * @param path `-` is the standard input
 * @throws Failure it cannot be read, or is none, with the line
 */
export async function readCapture(path: string, { cwd, stdin }: Pick<CommandContext, 'cwd' | 'stdin'>): Promise<Capture> {
  try {
    return parseCapture(path === '-' && stdin ? await buffer(stdin()) : await readFile(resolve(cwd, path)));
  } catch (error) {
    if (error instanceof CaptureError) throw new Failure(EXIT.data, `${path}: ${error.message}`, { cause: error });
    throw failureOf(error, EXIT.noInput, `cannot read ${path}`);
  }
}

/** A recording that is being written. It gets its name when it is complete; a file that exists when it begins is not replaced. */
export class CaptureFile {
  readonly #file: OutputFile;
  #writing = Promise.resolve();

  private constructor(file: OutputFile) {
    this.#file = file;
  }

  /** @throws Failure it exists already, or cannot be written */
  static async create(path: string): Promise<CaptureFile> {
    return new CaptureFile(await OutputFile.create(path));
  }

  /** Writes what stands before all chunks. */
  begin(header: Capture['header']): void {
    this.#addText(encodeCaptureHeader(header));
  }

  /** Writes a chunk behind the others. What is wrong with that is told by `complete`. */
  add(chunk: CaptureChunk): void {
    this.#addText(encodeCaptureChunk(chunk));
  }

  /** Writes a remark behind the chunks so far. */
  addRemark(text: string): void {
    this.#addText(`# ${text}\n`);
  }

  /** @throws Failure it could not be written; nothing is left of it then */
  async complete(): Promise<void> {
    try {
      await this.#writing;
      await this.#file.complete();
    } catch (error) {
      await this.drop();
      throw error;
    }
  }

  /** Leaves nothing behind of a recording that is not wanted. */
  async drop(): Promise<void> {
    await this.#writing.catch(() => undefined);
    await this.#file.drop();
  }

  #addText(text: string): void {
    this.#writing = this.#writing.then(() => this.#file.append(text));
    // It is looked at in the end.
    this.#writing.catch(() => undefined);
  }
}

/** Writes a whole recording. @throws Failure it exists already, or cannot be written */
export async function writeCapture(path: string, { header, chunks }: Capture): Promise<void> {
  const file = await CaptureFile.create(path);
  file.begin(header);
  for (const chunk of chunks) file.add(chunk);
  await file.complete();
}

/** A folder for the time of `work`. */
export async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'smart-meter-reader-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
