import type { Multical } from '../../src/simulators/multical.js';
import type { Link } from '../../src/transports/link.js';
import type { Random } from '../fuzz/random.js';
import type { Book, Payloads } from './books.js';

/** Where a subscriber finds each register, by the topic contract, and how many decimals the meter sends. */
const REGISTERS = [
  [60, 'energy/imported-total', 0],
  [68, 'flow/volume', 2],
  [74, 'flow/flow', 0],
  [80, 'power/current-usage', 1],
  [86, 'temperatures/temp1', 2],
  [87, 'temperatures/temp2', 2],
  [89, 'temperatures/temp-diff', 2],
] as const;

/** The register that is another in each answer. */
export const MULTICAL_KEY = 'energy/imported-total';

const START = 0x40;
const STOP = 0x0d;
const GET_REGISTERS = 0x10;

/** A Multical that keeps books of what it answered, counts on from answer to answer, and now and then does what a meter or its head should not. */
export class AnsweringMultical {
  readonly #meter: Multical;
  readonly #book: Book;
  readonly #random: Random;

  constructor(meter: Multical, book: Book, random: Random) {
    this.#meter = meter;
    this.#book = book;
    this.#random = random;
  }

  /** Whether it and its head may fail. */
  mayFail = true;

  /** Answers until the link is lost or `stop` aborts. */
  run(link: Link, stop: AbortSignal): Promise<void> {
    const write = async (bytes: Uint8Array, signal: AbortSignal): Promise<void> => {
      const isReading = this.#isIntactReading(bytes);
      if (isReading) this.#book.send(this.#payloads(), performance.now());
      await link.write(bytes, signal);
      if (isReading) this.#goOn();
      this.#misbehave();
    };
    const read = (signal: AbortSignal): Promise<Uint8Array> => link.read(signal);
    const discard = (): void => {
      link.discard();
    };
    return this.#meter.run({ read, write, discard, close: () => link.close() }, stop);
  }

  #isIntactReading(bytes: Uint8Array): boolean {
    const start = this.#meter.faults.before.length;
    return bytes[start] === START && bytes[start + 1] === 0x3f && bytes[start + 2] === GET_REGISTERS && bytes.at(-1) === STOP;
  }

  #payloads(): Payloads {
    return Object.fromEntries(
      REGISTERS.map(([id, path, decimals]) => [
        path,
        String(Number(this.#meter.registers.get(id)?.value.integer) / 10 ** decimals),
      ]),
    );
  }

  #goOn(): void {
    for (const [id, path] of REGISTERS) {
      const register = this.#meter.registers.get(id);
      if (!register) continue;
      const before = Number(register.value.integer);
      const isTotal = path === 'energy/imported-total' || path === 'flow/volume';
      const integer = isTotal ? before + 1 + this.#random.below(3) : this.#random.below(9_000);
      this.#meter.registers.set(id, { ...register, value: { ...register.value, integer } });
    }
  }

  #misbehave(): void {
    const { faults } = this.#meter;
    const random = this.#random;
    if (!this.mayFail) return;
    if (random.oneIn(20)) faults.echo = !faults.echo;
    if (random.oneIn(8)) faults.before = random.pick([Uint8Array.of(0), Uint8Array.of(0x55, 0xff, 0x0d), new Uint8Array()]);
    // Three in a row are a poll that failed.
    if (random.oneIn(8)) faults[random.pick(['silent', 'corrupt', 'truncate'])] = random.oneIn(8) ? 3 : 1;
  }
}
