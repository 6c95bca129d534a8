import { connectAsync, type MqttClient } from 'mqtt';

/** A message as an observer saw it. */
export interface Seen {
  readonly topic: string;
  readonly payload: string;
  /** The retain flag that the publisher set. */
  readonly retain: boolean;
  readonly qos: number;
}

/** A subscriber that keeps what it sees and can wait for more. It survives broker restarts. */
export interface Observer extends AsyncDisposable {
  /** Everything seen so far, oldest first. */
  readonly seen: readonly Seen[];
  /** The newest payload of each topic; an empty one removes the topic. */
  readonly topics: ReadonlyMap<string, string>;
  /** What was seen since the last call of `take`, as `topic payload`. */
  take(): string[];
  /** Resolves when the condition holds; asked now and after each message. @throws when it does not within a generous time, with what was seen last */
  until(condition: (observer: Observer) => boolean, what?: string): Promise<void>;
  /** Resolves when the topic's newest payload is this one, and was seen since the last call of `take`. */
  shows(topic: string, payload: string): Promise<void>;
  publish(topic: string, payload: string, options?: { readonly retain: boolean }): Promise<void>;
}

/** Tells where to look and what to look at: `homie/#` unless another filter is given; `live` leaves out what the broker had stored before. */
export interface ObserveOptions {
  readonly filter?: string | string[];
  readonly live?: boolean;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly username?: string;
  readonly password?: string;
  /** For a broker that does not speak MQTT 5; retain flags are then those of a subscriber. */
  readonly mqtt3?: boolean;
}

/** Longer than anything takes that the program does by the clock, on a machine that is busy with others. */
const PATIENCE_MS = 60_000;

/** Connects an observer and resolves when it has subscribed. MQTT 5, because there a subscriber sees the publisher's retain flag. */
export async function observe(url: string, options: ObserveOptions = {}): Promise<Observer> {
  const { filter = 'homie/#', live = false, mqtt3 = false, ...credentials } = options;
  const client = await connectAsync(url, { protocolVersion: mqtt3 ? 4 : 5, reconnectPeriod: 50, ...credentials });
  const observer = new MqttObserver(client);
  await client.subscribeAsync(filter, mqtt3 ? { qos: 1 } : { qos: 1, rap: true, rh: live ? 2 : 0 });
  return observer;
}

/** What the broker holds below a filter at this moment: topic → payload. */
export async function retained(url: string, options: ObserveOptions = {}): Promise<ReadonlyMap<string, string>> {
  // The broker answers in order: what comes back to us comes after all that is stored.
  const marker = `marker/${process.pid}/${performance.now()}`;
  await using observer = await observe(url, { ...options, filter: [options.filter ?? 'homie/#', marker].flat() });
  await observer.publish(marker, 'x', { retain: false });
  await observer.shows(marker, 'x');
  return new Map([...observer.topics].filter(([topic]) => topic !== marker));
}

class MqttObserver implements Observer {
  readonly seen: Seen[] = [];
  readonly topics = new Map<string, string>();
  readonly #client: MqttClient;
  #taken = 0;
  #waiting = new Set<() => void>();

  constructor(client: MqttClient) {
    this.#client = client;
    client.on('error', () => undefined);
    client.on('message', (topic, bytes, { retain, qos }) => {
      const payload = bytes.toString();
      this.seen.push({ topic, payload, retain, qos });
      if (payload === '') this.topics.delete(topic);
      else this.topics.set(topic, payload);
      for (const check of this.#waiting) check();
    });
  }

  take(): string[] {
    const fresh = this.seen.slice(this.#taken);
    this.#taken = this.seen.length;
    return fresh.map(({ topic, payload }) => `${topic} ${payload}`);
  }

  until(condition: (observer: Observer) => boolean, what = String(condition)): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(check);
        const last = this.seen.slice(-10).map(({ topic, payload }) => `${topic} ${payload}`);
        reject(new Error(`not seen within ${PATIENCE_MS / 1_000} s: ${what}; last seen:\n${last.join('\n')}`));
      }, PATIENCE_MS);
      const check = (): void => {
        if (!condition(this)) return;
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }

  shows(topic: string, payload: string): Promise<void> {
    const newest = (): Seen | undefined => this.seen.slice(this.#taken).findLast((seen) => seen.topic === topic);
    return this.until(() => newest()?.payload === payload, `${topic} ${payload}`);
  }

  async publish(topic: string, payload: string, { retain } = { retain: true }): Promise<void> {
    await this.#client.publishAsync(topic, payload, { qos: 1, retain });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.endAsync(true);
  }
}
