import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { EXIT, Failure } from './command.js';

/** A file that is being written, for its owner alone. It gets its name when it is complete; one that exists when it begins is not replaced. */
export class OutputFile {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #temporary: string;

  private constructor(path: string, file: FileHandle, temporary: string) {
    this.#path = path;
    this.#file = file;
    this.#temporary = temporary;
  }

  /** @throws Failure it exists already, or cannot be written */
  static async create(path: string): Promise<OutputFile> {
    const temporary = `${path}.part`;
    try {
      await (await open(path, 'wx', 0o600)).close();
      await rm(path);
      await rm(temporary, { force: true });
      return new OutputFile(path, await open(temporary, 'wx', 0o600), temporary);
    } catch (error) {
      throw failureOf(error, EXIT.cannotCreate, `cannot write ${path}`);
    }
  }

  /** Writes text behind all that was written so far. One call at a time. @throws Failure it cannot be written */
  async append(text: string): Promise<void> {
    try {
      await this.#file.appendFile(text);
    } catch (error) {
      throw failureOf(error, EXIT.cannotCreate, `cannot write ${this.#path}`);
    }
  }

  /** @throws Failure it cannot be written */
  async complete(): Promise<void> {
    try {
      await this.#file.sync();
      await rename(this.#temporary, this.#path);
    } catch (error) {
      throw failureOf(error, EXIT.cannotCreate, `cannot write ${this.#path}`);
    }
    await this.#file.close();
  }

  /** Leaves nothing behind of a file that is not wanted. */
  async drop(): Promise<void> {
    await this.#file.close();
    await rm(this.#temporary, { force: true });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
  EEXIST: 'it exists already',
};

/** What to say when the system does not let a file be used. @throws what is no answer of the system */
export function failureOf(error: unknown, exitCode: number, what: string): Failure {
  if (!(error instanceof Error && 'code' in error)) throw error;
  return new Failure(exitCode, `${what}: ${REASONS[String(error.code)] ?? error.message}`, { cause: error });
}
