import type { T210, T210Fault, T210Telegram, T210Transmission } from '../../src/simulators/t210.js';
import type { T210Register } from '../../src/simulators/t210-values.js';
import type { Random } from '../fuzz/random.js';
import type { Book, Payloads } from './books.js';

/** Where a subscriber finds each register, by the topic contract. */
const PATHS: Readonly<Record<T210Register, string>> = {
  '1-0:1.8.0': 'energy/imported-total',
  '1-0:1.8.1': 'energy/used-tariff-1',
  '1-0:1.8.2': 'energy/used-tariff-2',
  '1-0:1.7.0': 'power/current-usage',
  '1-0:2.8.0': 'energy/delivered-total',
  '1-0:2.8.1': 'energy/delivered-tariff-1',
  '1-0:2.8.2': 'energy/delivered-tariff-2',
  '1-0:2.7.0': 'power/current-delivery',
  '1-0:3.8.0': 'energy/reactive-imported-total',
  '1-0:3.8.1': 'energy/reactive-imported-tariff-1',
  '1-0:3.8.2': 'energy/reactive-imported-tariff-2',
  '1-0:3.7.0': 'power/reactive-import',
  '1-0:4.8.0': 'energy/reactive-exported-total',
  '1-0:4.8.1': 'energy/reactive-exported-tariff-1',
  '1-0:4.8.2': 'energy/reactive-exported-tariff-2',
  '1-0:4.7.0': 'power/reactive-export',
};

/** The register that is another in each telegram. */
const KEY = '1-0:4.8.0';

/** Where it is published. */
export const T210_KEY = PATHS[KEY];

/** What goes wrong with one telegram in six. Beside the simulator's faults: bytes that are no frame at all, and a total that cannot be right. */
type Fault = T210Fault | 'garbage' | 'implausible';
const FAULTS: readonly [Fault, ...Fault[]] = [
  'corrupt',
  'corrupt',
  'truncate',
  'noise',
  'glue',
  'silence',
  'replay',
  'wrong-encryption-key',
  'garbage',
  'implausible',
];

/** A T210 that pushes as fast as it is told, keeps books of what it sent, and now and then does what a meter or a line should not. */
export class PushingT210 {
  /** Whether it says nothing for a while, not even in its books. */
  isSilent = false;
  /** How often each fault was sent. */
  readonly faults = new Map<Fault, number>();
  /** When a value was sent that cannot be right, in a telegram that is. */
  readonly implausibleAt: number[] = [];
  readonly #meter: T210;
  readonly #book: Book;
  readonly #random: Random;
  readonly #send: (bytes: Uint8Array) => Promise<void>;

  /** @param send puts bytes on the line; where there is none, they are gone */
  constructor(meter: T210, book: Book, random: Random, send: (bytes: Uint8Array) => Promise<void>) {
    this.#meter = meter;
    this.#book = book;
    this.#random = random;
    this.#send = send;
  }

  /** That of the next telegram. */
  get nextCounter(): number {
    return this.#meter.frameCounter;
  }

  /** Sends the next telegram as it should be. @returns its key */
  async push(): Promise<string> {
    const transmission = this.#meter.transmit(Date.now());
    this.#note(transmission.telegrams);
    await this.#send(transmission.bytes);
    return String(transmission.telegrams.at(-1)?.values[KEY]);
  }

  /** Sends the next telegram, or what comes in its place. */
  async pushOrFail(): Promise<void> {
    if (this.isSilent) return;
    if (!this.#random.oneIn(6)) {
      await this.push();
      return;
    }
    const fault = this.#random.pick(FAULTS);
    this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1);
    if (fault === 'garbage') await this.#send(this.#random.bytes(1 + this.#random.below(600)));
    else if (fault === 'implausible') await this.#pushImplausible();
    else {
      const { telegrams, bytes } = this.#meter.transmit(Date.now(), fault);
      this.#note(telegrams);
      await this.#send(bytes);
    }
  }

  /** A telegram, intact in every respect, in which a total is not what it was before: that value is not to be seen, the rest is. */
  async #pushImplausible(): Promise<void> {
    const { values } = this.#meter;
    this.implausibleAt.push(performance.now());
    this.#meter.values = {
      ...values,
      '1-0:2.8.0': this.#random.pick([0, 1 + this.#random.below(50_000), 900_000_000 + this.#random.below(99_999_999)]),
    };
    const transmission: T210Transmission = this.#meter.transmit(Date.now());
    this.#meter.values = { ...this.#meter.values, '1-0:2.8.0': values['1-0:2.8.0'] };
    this.#note(transmission.telegrams, PATHS['1-0:2.8.0']);
    await this.#send(transmission.bytes);
  }

  #note(telegrams: readonly T210Telegram[], wrong?: string): void {
    for (const telegram of telegrams) {
      const { [wrong ?? '']: _, ...payloads } = payloadsOf(telegram);
      this.#book.send(payloads, performance.now());
    }
    this.#meter.values = { ...this.#meter.values, [KEY]: this.#meter.values[KEY] + 1 };
  }
}

function payloadsOf({ values, measuredAt }: T210Telegram): Payloads {
  const payloads: Record<string, string> = { 'meter/measured-at': new Date(measuredAt).toISOString() };
  for (const [obis, path] of Object.entries(PATHS)) payloads[path] = String(values[obis as T210Register]);
  payloads['power/net-usage'] = String(values['1-0:1.7.0'] - values['1-0:2.7.0']);
  return payloads;
}
