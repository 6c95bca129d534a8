import { closeSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Recorded } from '../sink.js';
import type { Extent } from './block.js';
import { decodeRecords, encodeCursors, RecordEncoder, type Cursors, type Decoded, type Devices } from './records.js';
import { nameOf, sequenceOf } from './names.js';
import type { Trouble } from './trouble.js';
import { isSystemError } from '../system-error.js';

/** With the version of what is in it: journals of another are left alone. */
const SUFFIX = '.1.journal';

/** What the journals of an earlier run hold. */
export interface Recovered extends Decoded {
  /** The highest number of their files. */
  readonly number: number;
  readonly paths: readonly string[];
}

/**
 * The newest readings, that no disk has yet: in memory, and in a journal whose pages outlive the process. Best in a folder that is memory itself, where
 * writing wears nothing. A journal that cannot be written any more is left as it is: what a crash would cost then is said once.
 */
export class Journal {
  readonly #path: string;
  readonly #known: Devices;
  readonly #encoder: RecordEncoder;
  readonly #trouble: Trouble;
  readonly #sequences: number[] = [];
  /** When each reading came, on the monotonic clock. */
  readonly #times: number[] = [];
  #records: Recorded[] | undefined = [];
  #chunks: Buffer[] = [];
  #file: number | undefined;
  #newestAt = -Infinity;
  #bytes = 0;
  #written = 0;

  /** @param number of its file: higher than those of all journals that are there */
  constructor(folder: string, number: number, known: Devices, trouble: Trouble) {
    this.#path = join(folder, nameOf(number, SUFFIX));
    this.#known = known;
    this.#encoder = new RecordEncoder(known);
    this.#trouble = trouble;
    this.#guarded(() => (this.#file = openSync(this.#path, 'w', 0o600)));
  }

  /** The readings of it, in order. */
  get records(): readonly Recorded[] {
    return this.#records ?? decodeRecords(this.stream, this.#known).records;
  }

  /** What is said about its readings; it has at least one. */
  get extent(): Extent {
    const [first = 0] = this.#sequences;
    return { count: this.#sequences.length, first, last: this.#sequences.at(-1) ?? 0, newestAt: this.#newestAt };
  }

  /** The length of its stream. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How long its file is, or would be. */
  get written(): number {
    return this.#written;
  }

  /** When the first reading after a sequence came; undefined when there is none. */
  since(sequence: number): number | undefined {
    return this.#times[this.#sequences.findIndex((each) => each > sequence)];
  }

  append(record: Recorded, now: number): void {
    const chunk = this.#encoder.encode(record);
    this.#records?.push(record);
    this.#sequences.push(record.sequence);
    this.#times.push(now);
    this.#newestAt = Math.max(this.#newestAt, record.receivedAt);
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    this.#write(chunk);
  }

  /** Nothing more is appended: what takes less room is enough. */
  seal(): void {
    this.#records = undefined;
    this.#chunks = [this.stream];
  }

  /** Notes how far the sinks are, for a program that is started after this one was killed. */
  note(cursors: Cursors): void {
    this.#write(encodeCursors(cursors));
  }

  /** Its readings, encoded. */
  get stream(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** Everything in it is safe elsewhere. */
  remove(): void {
    this.close();
    this.#guarded(() => {
      rmSync(this.#path, { force: true });
    });
  }

  /** Leaves it for the next run. */
  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #write(chunk: Buffer): void {
    const file = this.#file;
    this.#written += chunk.length;
    if (file === undefined) return;
    this.#guarded(() => {
      const framed = frame(chunk);
      // Half a frame would hide what came after it.
      if (writeSync(file, framed) < framed.length) this.close();
      this.#trouble.end();
    });
  }

  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!isSystemError(error)) throw error;
      this.close();
      this.#trouble.begin(error.message);
    }
  }
}

/** Reads what the journals of an earlier run hold, each as far as it is sound. @throws what the system says about the folder */
export function recoverJournals(folder: string, known: Devices): Recovered {
  const names = readdirSync(folder).filter((name) => sequenceOf(name, SUFFIX) !== undefined);
  const paths = names.sort().map((name) => join(folder, name));
  const number = sequenceOf(names.at(-1) ?? '', SUFFIX) ?? 0;
  const recovered = paths.map((path) => recover(readFileSync(path), known));
  return {
    number,
    paths,
    records: recovered.flatMap(({ records }) => records),
    cursors: recovered.reduce<Cursors | undefined>((latest, { cursors }) => cursors ?? latest, undefined),
  };
}

/** A part of the stream as the journal has it: its CRC-32, its length (4 bytes each, little-endian), and itself. */
function frame(chunk: Buffer): Buffer {
  const framed = Buffer.allocUnsafe(8 + chunk.length);
  framed.writeUInt32LE(crc32(chunk), 0);
  framed.writeUInt32LE(chunk.length, 4);
  framed.set(chunk, 8);
  return framed;
}

function recover(bytes: Buffer, known: Devices): Decoded {
  try {
    return decodeRecords(Buffer.concat(soundParts(bytes)), known);
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof SyntaxError)) throw error;
    return { records: [], cursors: undefined };
  }
}

function soundParts(bytes: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at + 8 <= bytes.length;) {
    const part = bytes.subarray(at + 8, at + 8 + bytes.readUInt32LE(at + 4));
    if (crc32(part) !== bytes.readUInt32LE(at)) break;
    parts.push(part);
    at += 8 + part.length;
  }
  return parts;
}
