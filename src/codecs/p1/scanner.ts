import { measureApdu } from '../dlms/ciphering.js';
import type { Decoded, Decoder, FrameError } from '../decoder.js';
import { explainNoise, isPadding } from './noise.js';
import { MAX_FRAME_BYTES, measureHeader, TelegramMeter, type Extent } from './extent.js';

/** What comes out of a decoder. */
export type Finding<Frame> = Decoded<Frame> | FrameError;

/** Judges whole candidates. What it is given is a view that is overwritten later: it copies what it keeps. */
export interface Judge<Frame> {
  /** From `/` to the last digit of the CRC, or to where the next frame starts when the telegram has no end. */
  telegram(bytes: Uint8Array): Finding<Frame>;
  /** A general-glo-ciphering APDU. */
  apdu(bytes: Uint8Array): Finding<Frame>;
  /** How many bytes at the end of the last good APDU were not checked: where they were lost, the next frame starts among them. */
  readonly uncheckedBytes: number;
}

/** Bytes without a start that are worth a word: fewer come from plugging a cable or from line ends between frames. */
const NOISE_BYTES = 32;

/** Room for bytes without a start, and for a frame after them. */
const BUFFER_BYTES = 2 * MAX_FRAME_BYTES + 64;

/**
 * Finds plain telegrams and encrypted frames in a stream and has them judged. Frames are cut by their length field or by their end, never by where
 * the next one seems to start, since any byte can occur in a ciphertext.
 *
 * A spoilt frame is reported once: what is found while it is scanned again counts only when it is good or reaches beyond it.
 * Bytes in which nothing starts are reported once too, until a frame is good or the line is quiet.
 */
export class P1Scanner<Frame> implements Decoder<Frame> {
  readonly #judge: Judge<Frame>;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  readonly #meter = new TelegramMeter();
  /** Where a frame is looked for. */
  #at = 0;
  /** Where the bytes end that have arrived. */
  #end = 0;
  /** Up to where every byte belongs to a frame or to a reported error. Beyond `#at` while what was not proven is scanned again. */
  #settled = 0;
  /** An error was reported since the last good frame or quiet line. */
  #spoilt = false;
  /** What has come since the last good frame, if anything, fills up the line. */
  #isPadded = false;

  constructor(judge: Judge<Frame>) {
    this.#judge = judge;
  }

  push(chunk: Uint8Array): readonly Finding<Frame>[] {
    const found: Finding<Frame>[] = [];
    for (let taken = 0; taken < chunk.length;) {
      taken += this.#append(chunk, taken);
      this.#scan(found, false);
    }
    return found;
  }

  idle(): readonly Finding<Frame>[] {
    const found: Finding<Frame>[] = [];
    this.#scan(found, true);
    this.#reportNoise(found);
    this.#at = this.#end = this.#settled = 0;
    this.#spoilt = this.#isPadded = false;
    this.#meter.reset();
    return found;
  }

  #append(chunk: Uint8Array, from: number): number {
    const keep = Math.min(this.#at, this.#settled);
    if (keep > 0 && this.#end + chunk.length - from > BUFFER_BYTES) {
      this.#buffer.copyWithin(0, keep, this.#end);
      this.#at -= keep;
      this.#end -= keep;
      this.#settled -= keep;
    }
    const piece = chunk.subarray(from, from + BUFFER_BYTES - this.#end);
    this.#buffer.set(piece, this.#end);
    this.#end += piece.length;
    return piece.length;
  }

  #scan(found: Finding<Frame>[], quiet: boolean): void {
    while (this.#seek(found)) {
      const extent = this.#measure(quiet);
      if (extent === 'more' && !quiet) return;
      if (typeof extent === 'number') this.#take(found, extent);
      else if (extent === 'more' && this.#end - this.#at >= NOISE_BYTES) this.#fail(found, this.#incomplete());
      else this.#moveTo(this.#at + 1);
    }
    // Nothing is pending: the next bytes can go to the front.
    if (this.#settled === this.#end) this.#at = this.#end = this.#settled = 0;
  }

  /** Moves to the next byte with which a frame can start. False when there is none. */
  #seek(found: Finding<Frame>[]): boolean {
    for (let at = this.#at; at < this.#end; at++) {
      if (at - this.#settled === MAX_FRAME_BYTES) {
        this.#at = at;
        this.#reportNoise(found);
      }
      const byte = this.#buffer[at];
      if (byte === 0xdb || byte === 0x2f) {
        this.#moveTo(at);
        return true;
      }
    }
    this.#moveTo(this.#end);
    return false;
  }

  #moveTo(at: number): void {
    if (at !== this.#at) this.#meter.reset();
    this.#at = at;
  }

  #measure(quiet: boolean): Extent {
    const length = measureApdu(this.#buffer, this.#at, this.#end);
    if (length === 'none') return this.#meter.measure(this.#buffer, this.#at, this.#end, quiet);
    if (length === 'more') return 'more';
    if (length > MAX_FRAME_BYTES) return 'none';
    return this.#at + length <= this.#end ? length : 'more';
  }

  #take(found: Finding<Frame>[], length: number): void {
    const bytes = this.#buffer.subarray(this.#at, this.#at + length);
    const finding = bytes[0] === 0xdb ? this.#judge.apdu(bytes) : this.#judge.telegram(bytes);
    if (finding.kind === 'error') {
      this.#fail(found, finding);
      return;
    }
    this.#isPadded = true;
    this.#reportNoise(found);
    this.#isPadded = true;
    found.push(finding);
    this.#settled = this.#at + length;
    this.#moveTo(this.#settled - (bytes[0] === 0xdb ? this.#judge.uncheckedBytes : 0));
    this.#spoilt = false;
  }

  #fail(found: Finding<Frame>[], error: FrameError): void {
    this.#reportNoise(found);
    const end = this.#at + error.bytes.length;
    if (end > this.#settled) {
      found.push({ ...error, bytes: error.bytes.slice() });
      this.#spoilt = true;
      this.#settled = end;
    }
    this.#moveTo(this.#at + 1);
  }

  #incomplete(): FrameError {
    const bytes = this.#buffer.subarray(this.#at, this.#end);
    const length = measureApdu(this.#buffer, this.#at, this.#end);
    const whole = typeof length === 'number' ? ` of ${length}` : '';
    const what = measureHeader(bytes, 0, bytes.length) === 'none' ? 'an encrypted frame' : 'a telegram';
    return { kind: 'error', what: 'truncated', detail: `${bytes.length}${whole} bytes of ${what}, then silence`, bytes };
  }

  /** Accounts for the bytes before `#at` in which nothing started. Some meters fill up the line between their frames. */
  #reportNoise(found: Finding<Frame>[]): void {
    const noise = this.#buffer.subarray(this.#settled, Math.max(this.#settled, this.#at));
    this.#isPadded &&= isPadding(noise);
    if (noise.length >= NOISE_BYTES && !this.#spoilt && !this.#isPadded) {
      const detail = `${noise.length} bytes without the start of a frame: ${explainNoise(noise)}`;
      found.push({ kind: 'error', what: 'malformed', detail, bytes: noise.slice() });
      this.#spoilt = true;
    }
    this.#settled = Math.max(this.#settled, this.#at);
  }
}
