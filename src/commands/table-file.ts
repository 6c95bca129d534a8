import { open, type FileHandle } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CsvDecoder, type CsvError, type CsvRow } from '../codecs/csv.js';
import { EXIT } from './command.js';
import { failureOf } from './output-file.js';

/** A file that is read from its beginning to its end, once. */
export class InputFile {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #bytes: number;
  #read = 0;

  private constructor(path: string, file: FileHandle, bytes: number) {
    this.#path = path;
    this.#file = file;
    this.#bytes = bytes;
  }

  /** @throws Failure it cannot be read */
  static async open(path: string): Promise<InputFile> {
    try {
      const file = await open(path);
      return new InputFile(path, file, (await file.stat()).size);
    } catch (error) {
      throw failureOf(error, EXIT.noInput, `cannot read ${path}`);
    }
  }

  /** How much of it was read, from 0 to 1. */
  get fraction(): number {
    return this.#bytes === 0 ? 1 : this.#read / this.#bytes;
  }

  /** The rows of a table, packed by gzip or not. @throws Failure it cannot be read, or is damaged where it is packed */
  async *rows(): AsyncGenerator<CsvRow | CsvError> {
    const decoder = new CsvDecoder();
    try {
      const text = new TextDecoder();
      for await (const bytes of await this.#unpacked()) yield* decoder.push(text.decode(bytes, { stream: true }));
      yield* decoder.push(text.decode());
    } catch (error) {
      throw failureOf(error, EXIT.data, `cannot read ${this.#path}`);
    }
    yield* decoder.end();
  }

  /** What it begins with, as text. */
  async beginning(): Promise<string> {
    const { buffer, bytesRead } = await this.#file.read(Buffer.alloc(256), 0, 256, 0);
    return buffer.toString('latin1', 0, bytesRead);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  /** RFC 1952, section 2.3.1. */
  async #isPacked(): Promise<boolean> {
    return (await this.beginning()).startsWith('\x1f\x8b');
  }

  async *#chunks(): AsyncGenerator<Buffer> {
    for await (const bytes of this.#file.createReadStream({ autoClose: false, start: 0 })) {
      this.#read += (bytes as Buffer).length;
      yield bytes as Buffer;
    }
  }

  async #unpacked(): Promise<AsyncIterable<Buffer>> {
    if (!(await this.#isPacked())) return this.#chunks();
    // Whoever reads is told what goes wrong.
    return pipeline(Readable.from(this.#chunks()), createGunzip(), () => undefined) as AsyncIterable<Buffer>;
  }
}
