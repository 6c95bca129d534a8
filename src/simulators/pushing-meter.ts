import type { CipheringKeys } from '../codecs/dlms/ciphering.js';
import { encodeApdu } from '../codecs/dlms/encode.js';
import { stampPrinter } from '../codecs/p1/time.js';
import type { Clock } from '../model/ports.js';
import type { Link } from '../transports/link.js';
import { damage, type LineFault } from './line-faults.js';
import { randomFrom } from './random.js';

/** What can go wrong with one telegram: on the line, or in the meter. `silence`: it is made and never sent. `glue`: the next one follows without a pause. */
export type PushFault = LineFault | 'glue' | 'silence' | 'replay' | 'wrong-encryption-key' | 'wrong-authentication-key';

/** How a meter that pushes is made. All of it is made up unless a test says otherwise. */
export interface PushingMeterOptions {
  /** Without keys the telegrams are sent unencrypted. */
  readonly keys?: CipheringKeys;
  /** 8 bytes, of which the first 3 are letters. */
  readonly systemTitle?: Uint8Array;
  /** Frame counter of the first telegram. */
  readonly frameCounter?: number;
  readonly timeZone?: string;
  readonly seed?: number;
}

/** One telegram as the meter meant it. */
export interface SentTelegram<Values> {
  readonly frameCounter: number;
  /** Milliseconds since 1970 UTC, whole seconds. */
  readonly measuredAt: number;
  readonly values: Values;
}

/** What was put on the line at once. */
export interface Transmission<Values> {
  readonly fault: PushFault | undefined;
  /** What a reader that verifies must get, oldest first, and nothing else. A replay shows that it guards the frame counter. */
  readonly telegrams: readonly SentTelegram<Values>[];
  /** Empty when the meter stays silent. */
  readonly bytes: Uint8Array;
}

/** How a meter that pushes is run. */
export interface PushingRun<Values> {
  readonly clock: Clock;
  readonly intervalMs: number;
  /** What goes wrong with the n-th transmission, from 0. */
  readonly fault?: (transmission: number) => PushFault | undefined;
  readonly onSent?: (transmission: Transmission<Values>) => void;
}

/** A meter with a P1 port, which pushes telegrams by itself. Deterministic from its seed. What it says and how is told by those made after it. */
export abstract class PushingMeter<Values> {
  /** That of the next telegram. */
  frameCounter: number;
  /** Those of the next telegram; none: it is not encrypted. */
  keys: CipheringKeys | undefined;
  protected readonly random: () => number;
  readonly #systemTitle: Uint8Array;
  readonly #printStamp: (instant: number) => string;
  /** The last telegram that was sent intact, for a replay. */
  #replay: Uint8Array = new Uint8Array();

  constructor({ keys, frameCounter = 1_000, systemTitle, timeZone = 'Europe/Vienna', seed = 1 }: PushingMeterOptions) {
    this.keys = keys;
    this.frameCounter = frameCounter;
    this.#systemTitle = systemTitle ?? Buffer.from('SAG5\x00\x12\x34\x56', 'latin1');
    this.#printStamp = stampPrinter(timeZone);
    this.random = randomFrom(seed);
  }

  /** What the next telegram says; called once for each. */
  protected abstract next(now: number): Values;

  /** Writes a telegram of that time. @param printStamp prints any instant as the meter does */
  protected abstract write(now: number, values: Values, printStamp: (instant: number) => string): Uint8Array;

  /** Sends a telegram each interval until `stop` aborts. The link stays the caller's. */
  async run(link: Link, { clock, intervalMs, fault, onSent }: PushingRun<Values>, stop: AbortSignal): Promise<void> {
    try {
      for (let transmission = 0; ; transmission++) {
        const sent = this.transmit(clock.now(), fault?.(transmission));
        if (sent.bytes.length > 0) await link.write(sent.bytes, stop);
        onSent?.(sent);
        await clock.sleep(intervalMs, stop);
      }
    } catch (error) {
      if (!stop.aborted) throw error;
    }
  }

  /** Makes the next transmission, with its fault. Before anything was sent, a replay has nothing to repeat and is silence. */
  transmit(now: number, fault?: PushFault): Transmission<Values> {
    if (fault === 'replay') return { fault, telegrams: [], bytes: this.#replay };
    const telegram = this.#make(now, this.#keysFor(fault));
    switch (fault) {
      case undefined:
      case 'noise':
        this.#replay = telegram.bytes;
        return { fault, telegrams: [telegram], bytes: damage(telegram.bytes, fault, this.random) };
      case 'glue': {
        const next = this.#make(now, this.keys);
        this.#replay = next.bytes;
        return { fault, telegrams: [telegram, next], bytes: Buffer.concat([telegram.bytes, next.bytes]) };
      }
      case 'silence':
        return { fault, telegrams: [], bytes: new Uint8Array() };
      case 'corrupt':
      case 'truncate':
        return { fault, telegrams: [], bytes: damage(telegram.bytes, fault, this.random) };
      case 'wrong-encryption-key':
      case 'wrong-authentication-key':
        return { fault, telegrams: [], bytes: telegram.bytes };
    }
  }

  #make(now: number, keys: CipheringKeys | undefined): SentTelegram<Values> & { readonly bytes: Uint8Array } {
    const { frameCounter } = this;
    const values = this.next(now);
    const plaintext = this.write(now, values, this.#printStamp);
    const bytes = keys ? encodeApdu({ systemTitle: this.#systemTitle, frameCounter, plaintext, keys }) : plaintext;
    this.frameCounter++;
    return { frameCounter, measuredAt: now - (now % 1_000), values, bytes };
  }

  #keysFor(fault: PushFault | undefined): CipheringKeys | undefined {
    if (!this.keys) return undefined;
    if (fault === 'wrong-encryption-key') return { ...this.keys, encryptionKey: complement(this.keys.encryptionKey) };
    if (fault === 'wrong-authentication-key' && this.keys.authenticationKey) {
      return { ...this.keys, authenticationKey: complement(this.keys.authenticationKey) };
    }
    return this.keys;
  }
}

function complement(key: Uint8Array): Uint8Array {
  return key.map((byte) => ~byte);
}
