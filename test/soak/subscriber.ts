import { connectAsync, type MqttClient } from 'mqtt';

/** A subscriber to all that is published, which outlives the broker. It hands on each message and keeps the newest of each topic. */
export class Subscriber implements AsyncDisposable {
  /** The newest payload of each topic. */
  readonly latest = new Map<string, string>();
  readonly #client: MqttClient;
  readonly #waiting = new Set<() => void>();

  private constructor(client: MqttClient, onMessage: (topic: string, payload: string) => void) {
    this.#client = client;
    client.on('error', () => undefined);
    client.on('message', (topic, bytes) => {
      const payload = bytes.toString();
      this.latest.set(topic, payload);
      onMessage(topic, payload);
      for (const check of this.#waiting) check();
    });
  }

  static async connect(url: string, onMessage: (topic: string, payload: string) => void): Promise<Subscriber> {
    const client = await connectAsync(url, { reconnectPeriod: 50 });
    const subscriber = new Subscriber(client, onMessage);
    await client.subscribeAsync('homie/#', { qos: 1 });
    return subscriber;
  }

  /** Whether the condition holds within a time; asked now and after each message. */
  until(condition: () => boolean, patienceMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (result: boolean): void => {
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve(result);
      };
      const check = (): void => {
        if (condition()) end(true);
      };
      const timer = setTimeout(() => {
        end(false);
      }, patienceMs);
      this.#waiting.add(check);
      check();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.endAsync(true);
  }
}
