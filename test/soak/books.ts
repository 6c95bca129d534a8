/** What a subscriber must see of a telegram or an answer: payloads by `node/property`. */
export type Payloads = Readonly<Record<string, string>>;

/** How the readings of one meter are accounted for. */
export interface Balance {
  /** Sent intact. */
  readonly sent: number;
  /** Of these, seen by the subscriber. */
  readonly delivered: number;
}

interface Entry {
  readonly at: number;
  delivered: boolean;
}

/**
 * Compares what a meter sent with what a subscriber sees of it, while both go on. A value may be missing at the subscriber, since newer ones replace it while the
 * broker is away; none may be there that was never sent, nor an older one after a newer one.
 */
export class Book {
  /** What is wrong, in words. */
  readonly problems: string[] = [];
  /** When the newest telegram was sent of those that were seen. */
  newestDeliveredAt = -Infinity;
  readonly #key: string;
  readonly #entries: Entry[] = [];
  readonly #series = new Map<string, Series>();

  /** @param key the property whose value is another in each telegram, by which a telegram is known again */
  constructor(key: string) {
    this.#key = key;
  }

  /** Notes what is about to be sent intact. @param at milliseconds of any one clock */
  send(payloads: Payloads, at: number): void {
    const entry = this.#entries.push({ at, delivered: false }) - 1;
    for (const [path, payload] of Object.entries(payloads)) this.#seriesOf(path).sent.push({ payload, entry });
  }

  /** Compares what the subscriber sees. Properties that were never sent are none of this book's. */
  see(path: string, payload: string): void {
    const series = this.#series.get(path);
    if (!series) return;
    for (let next = series.position; next < series.sent.length; next++) {
      const value = series.sent[next];
      if (value?.payload !== payload) continue;
      series.position = next;
      const entry = this.#entries[value.entry];
      if (entry && path === this.#key) this.#deliver(entry);
      return;
    }
    const isOlder = series.sent.some((value) => value.payload === payload);
    this.problems.push(`${path} ${payload} ${isOlder ? 'came after a newer value' : 'was never sent'}`);
  }

  /** Whether the telegram with this key was seen. */
  isDelivered(key: string): boolean {
    const value = this.#series.get(this.#key)?.sent.findLast(({ payload }) => payload === key);
    return value !== undefined && this.#entries[value.entry]?.delivered === true;
  }

  balance(): Balance {
    return { sent: this.#entries.length, delivered: this.#entries.filter(({ delivered }) => delivered).length };
  }

  /** How many telegrams that were sent within these times the subscriber did not see. */
  undelivered(windows: readonly Window[]): number {
    return this.#entries.filter(({ at, delivered }) => !delivered && isWithin(at, windows)).length;
  }

  /** How many telegrams were sent within these times. */
  sentWithin(windows: readonly Window[]): number {
    return this.#entries.filter(({ at }) => isWithin(at, windows)).length;
  }

  #deliver(entry: Entry): void {
    entry.delivered = true;
    this.newestDeliveredAt = Math.max(this.newestDeliveredAt, entry.at);
  }

  #seriesOf(path: string): Series {
    const series = this.#series.get(path) ?? { sent: [], position: 0 };
    this.#series.set(path, series);
    return series;
  }
}

/** A time in which something was out of order. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** The values of one property: all that were sent, and the newest one that was seen. */
interface Series {
  readonly sent: { readonly payload: string; readonly entry: number }[];
  position: number;
}

function isWithin(at: number, windows: readonly Window[]): boolean {
  return windows.some(({ from, to }) => at >= from && at <= to);
}
