import { encodeTelegram } from '../codecs/p1/encode.js';
import type { Household } from './household.js';
import { PushingMeter, type PushFault, type PushingMeterOptions, type SentTelegram, type Transmission } from './pushing-meter.js';
import { FIRST_VALUES, householdValues, laterValues, t210Objects, type T210Values } from './t210-values.js';

/** What can go wrong with one of its telegrams. */
export type T210Fault = PushFault;

/** What it put on the line at once. */
export type T210Transmission = Transmission<T210Values>;

/** One of its telegrams as it meant it. */
export type T210Telegram = SentTelegram<T210Values>;

/** How a T210 is made. */
export interface T210Options extends PushingMeterOptions {
  /** Header of the telegram, without the `/`. */
  readonly identification?: string;
  /** Whose meter it is; without one, values change at random from telegram to telegram. */
  readonly household?: Household;
}

/** A Sagemcom T210-D-r that pushes telegrams by itself. Deterministic from its seed. */
export class T210 extends PushingMeter<T210Values> {
  /** What the next telegram says; it moves on after each. Set it to say something else. */
  values: T210Values = FIRST_VALUES;
  readonly #identification: string;
  readonly #household: Household | undefined;

  constructor(options: T210Options = {}) {
    super(options);
    this.#identification = options.identification ?? 'EST5\\253700000_A';
    this.#household = options.household;
  }

  protected override next(now: number): T210Values {
    if (this.#household) this.values = householdValues(this.#household.at(now));
    const { values } = this;
    if (!this.#household) this.values = laterValues(values, this.random);
    return values;
  }

  protected override write(now: number, values: T210Values, printStamp: (instant: number) => string): Uint8Array {
    return encodeTelegram({ identification: this.#identification, objects: t210Objects(printStamp(now), values) });
  }
}
