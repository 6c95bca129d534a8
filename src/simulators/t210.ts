import type { CipheringKeys } from '../codecs/dlms/ciphering.js';
import { encodeApdu } from '../codecs/dlms/encode.js';
import { encodeTelegram } from '../codecs/p1/encode.js';
import { stampPrinter } from '../codecs/p1/time.js';
import type { Clock } from '../model/ports.js';
import type { Link } from '../transports/link.js';
import { damage, type LineFault } from './t210-faults.js';
import { randomFrom } from './t210-random.js';
import { FIRST_VALUES, laterValues, t210Objects, type T210Values } from './t210-values.js';

/** What can go wrong with one telegram: on the line, or in the meter. `silence`: it is made and never sent. `glue`: the next one follows without a pause. */
export type T210Fault = LineFault | 'glue' | 'silence' | 'replay' | 'wrong-encryption-key' | 'wrong-authentication-key';

/** How a T210 is made. All of it is made up unless a test says otherwise. */
export interface T210Options {
  /** Without keys the telegrams are sent unencrypted. */
  readonly keys?: CipheringKeys;
  /** 8 bytes, of which the first 3 are letters. */
  readonly systemTitle?: Uint8Array;
  /** Header of the telegram, without the `/`. */
  readonly identification?: string;
  /** Frame counter of the first telegram. */
  readonly frameCounter?: number;
  readonly timeZone?: string;
  readonly seed?: number;
}

/** What was put on the line at once. */
export interface T210Transmission {
  readonly fault: T210Fault | undefined;
  /** What a reader that verifies must get, oldest first, and nothing else. A replay shows that it guards the frame counter. */
  readonly telegrams: readonly T210Telegram[];
  /** Empty when the meter stays silent. */
  readonly bytes: Uint8Array;
}

/** One telegram as the meter meant it. */
export interface T210Telegram {
  readonly frameCounter: number;
  /** Milliseconds since 1970 UTC, whole seconds. */
  readonly measuredAt: number;
  readonly values: T210Values;
}

/** How a T210 is run. */
export interface T210Run {
  readonly clock: Clock;
  readonly intervalMs: number;
  /** What goes wrong with the n-th transmission, from 0. */
  readonly fault?: (transmission: number) => T210Fault | undefined;
  readonly onSent?: (transmission: T210Transmission) => void;
}

interface MadeTelegram extends T210Telegram {
  readonly bytes: Uint8Array;
}

/** A Sagemcom T210-D-r that pushes telegrams by itself. Deterministic from its seed. */
export class T210 {
  /** What the next telegram says; it moves on after each. Set it to say something else. */
  values: T210Values = FIRST_VALUES;
  /** That of the next telegram. */
  frameCounter: number;
  /** Those of the next telegram; none: it is not encrypted. */
  keys: CipheringKeys | undefined;
  readonly #systemTitle: Uint8Array;
  readonly #identification: string;
  readonly #printStamp: (instant: number) => string;
  readonly #random: () => number;
  /** The last telegram that was sent intact, for a replay. */
  #replay: Uint8Array = new Uint8Array();

  constructor(options: T210Options = {}) {
    this.keys = options.keys;
    this.frameCounter = options.frameCounter ?? 1_000;
    this.#systemTitle = options.systemTitle ?? Buffer.from('SAG5\x00\x12\x34\x56', 'latin1');
    this.#identification = options.identification ?? 'EST5\\253700000_A';
    this.#printStamp = stampPrinter(options.timeZone ?? 'Europe/Vienna');
    this.#random = randomFrom(options.seed ?? 1);
  }

  /** Sends a telegram each interval until `stop` aborts. The link stays the caller's. */
  async run(link: Link, { clock, intervalMs, fault, onSent }: T210Run, stop: AbortSignal): Promise<void> {
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
  transmit(now: number, fault?: T210Fault): T210Transmission {
    if (fault === 'replay') return { fault, telegrams: [], bytes: this.#replay };
    const telegram = this.#make(now, this.#keysFor(fault));
    switch (fault) {
      case undefined:
      case 'noise':
        this.#replay = telegram.bytes;
        return { fault, telegrams: [telegram], bytes: damage(telegram.bytes, fault, this.#random) };
      case 'glue': {
        const next = this.#make(now, this.keys);
        this.#replay = next.bytes;
        return { fault, telegrams: [telegram, next], bytes: Buffer.concat([telegram.bytes, next.bytes]) };
      }
      case 'silence':
        return { fault, telegrams: [], bytes: new Uint8Array() };
      case 'corrupt':
      case 'truncate':
        return { fault, telegrams: [], bytes: damage(telegram.bytes, fault, this.#random) };
      case 'wrong-encryption-key':
      case 'wrong-authentication-key':
        return { fault, telegrams: [], bytes: telegram.bytes };
    }
  }

  #make(now: number, keys: CipheringKeys | undefined): MadeTelegram {
    const { values, frameCounter } = this;
    const plaintext = encodeTelegram({
      identification: this.#identification,
      objects: t210Objects(this.#printStamp(now), values),
    });
    const bytes = keys ? encodeApdu({ systemTitle: this.#systemTitle, frameCounter, plaintext, keys }) : plaintext;
    this.frameCounter++;
    this.values = laterValues(values, this.#random);
    return { frameCounter, measuredAt: now - (now % 1_000), values, bytes };
  }

  #keysFor(fault: T210Fault | undefined): CipheringKeys | undefined {
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
