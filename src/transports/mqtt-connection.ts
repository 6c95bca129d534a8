import type { Socket } from 'node:net';
import { MqttClient, UniqueMessageIdProvider, type IClientOptions } from 'mqtt';
import { LinkError } from '../model/errors.js';
import { reasonFor } from './mqtt-reasons.js';
import type { MessageHandler, MqttOptions } from './mqtt-settings.js';

const CONNECT_TIMEOUT_MS = 10_000;
const ACKNOWLEDGE_TIMEOUT_MS = 30_000;
const END_TIMEOUT_MS = 2_000;
/** A broker that drops a connection this young was perhaps asked to, by another connection with the same client id. */
const SOON_MS = 60_000;

/** A connection to a broker (MQTT 3.1.1). It never reconnects and queues nothing while it is away: when it is lost, a new one has to be made. */
export class Connection {
  readonly #options: MqttOptions;
  readonly #socket: Socket;
  readonly #client: MqttClient;
  readonly #closing = new AbortController();
  /** When each request that the broker has not acknowledged was sent, oldest first. */
  readonly #unacknowledged = new Map<object, number>();
  readonly #handlers = new Map<string, MessageHandler>();
  readonly #waiting = new Set<() => void>();
  #establishedAt: number | undefined;
  #ending = false;

  constructor(options: MqttOptions, openSocket: () => Socket) {
    this.#options = options;
    this.#socket = openSocket();
    this.#client = new MqttClient(() => this.#socket, clientOptions(options));
    this.#listen();
    this.#client.connect();
    void this.#watch();
  }

  /** Whether the broker has accepted us. */
  get established(): boolean {
    return this.#establishedAt !== undefined;
  }

  /** Aborted with the reason when the connection is lost or has ended. */
  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  /** How many publications and subscriptions the broker has not yet acknowledged. */
  get unacknowledged(): number {
    return this.#unacknowledged.size;
  }

  /** How long ago the oldest of them was sent; 0 when there are none. */
  get lagMs(): number {
    const { clock } = this.#options;
    const [oldest = clock.monotonic()] = this.#unacknowledged.values();
    return clock.monotonic() - oldest;
  }

  /**
   * Sends a message with QoS 1, retained unless said otherwise, and does not wait for its acknowledgement: that is what `unacknowledged` and `until` are
   * for, and a broker that acknowledges nothing for 30 s is lost.
   * @throws LinkError the connection is lost
   */
  publish(topic: string, payload: string, { retain } = { retain: true }): void {
    this.closed.throwIfAborted();
    const acknowledge = this.#expectAcknowledgement();
    this.#client.publish(topic, payload, { qos: 1, retain }, (error) => {
      // Called with an error when the connection breaks: then it is no acknowledgement.
      if (!error) acknowledge();
    });
  }

  /**
   * Has every message that matches the topic filter handed to `handler`, those that the broker has stored first.
   * @returns false when the broker does not allow it
   * @throws LinkError the connection is lost
   */
  async subscribe(filter: string, handler: MessageHandler, signal: AbortSignal): Promise<boolean> {
    this.closed.throwIfAborted();
    const acknowledge = this.#expectAcknowledgement();
    let granted: boolean | undefined;
    this.#handlers.set(filter, handler);
    this.#client.subscribe(filter, { qos: 1 }, (error, _subscriptions, answer) => {
      if (!answer) return;
      granted = !error;
      acknowledge();
    });
    await this.until(() => granted !== undefined, signal);
    return granted === true;
  }

  /**
   * Ends a subscription.
   * @throws LinkError the connection is lost
   */
  async unsubscribe(filter: string, signal: AbortSignal): Promise<void> {
    this.closed.throwIfAborted();
    const acknowledge = this.#expectAcknowledgement();
    let ended = false;
    this.#client.unsubscribe(filter, (error) => {
      if (error) return;
      ended = true;
      acknowledge();
    });
    await this.until(() => ended, signal);
    this.#handlers.delete(filter);
  }

  /**
   * Resolves as soon as `condition` holds; it is asked now and after every acknowledgement and message.
   * @throws LinkError the connection is lost; the signal's reason when that aborts
   */
  until(condition: () => boolean, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        if (!signal.aborted && !this.closed.aborted && !condition()) return;
        this.#waiting.delete(check);
        signal.removeEventListener('abort', check);
        const aborted = [this.closed, signal].find((one) => one.aborted);
        if (aborted) reject(aborted.reason as Error);
        else resolve();
      };
      this.#waiting.add(check);
      signal.addEventListener('abort', check);
      check();
    });
  }

  /** Says good-bye, so that the will is not published, and closes; cut short at the deadline or after 2 s. Never throws. */
  async end(deadline: AbortSignal): Promise<void> {
    if (this.#socket.closed) return;
    this.#ending = true;
    const destroy = (): void => {
      this.destroy();
    };
    const gone = new Promise<void>((resolve) => {
      this.#socket.once('close', () => {
        resolve();
      });
    });
    if (deadline.aborted || this.closed.aborted) destroy();
    else this.#client.end();
    deadline.addEventListener('abort', destroy);
    this.#options.clock.sleep(END_TIMEOUT_MS, this.closed).then(destroy, () => undefined);
    await gone;
    deadline.removeEventListener('abort', destroy);
  }

  /** Closes at once, without a good-bye. */
  destroy(): void {
    this.#ending = true;
    this.#close(new LinkError('the connection was given up'));
  }

  #listen(): void {
    const onError = (error: Error): void => {
      this.#close(this.#explain(reasonFor(error, this.#options.settings) ?? this.#whyClosed(), error));
    };
    // The error listeners stay for good: an 'error' event that nobody hears ends the process.
    this.#socket.on('error', onError);
    this.#client.on('error', onError);
    this.#client.on('close', () => {
      this.#close(this.#explain(this.#whyClosed()));
    });
    this.#client.on('connect', () => {
      this.#establishedAt = this.#options.clock.monotonic();
      this.#wake();
    });
    this.#client.on('message', (topic, payload, { retain }) => {
      for (const [filter, handler] of this.#handlers) if (matches(filter, topic)) handler(topic, payload, retain);
      this.#wake();
    });
  }

  /** Calls the connection lost when the broker does not answer: CONNECT, or whatever was sent since. Ends with the connection. */
  async #watch(): Promise<void> {
    const { clock } = this.#options;
    try {
      await clock.sleep(CONNECT_TIMEOUT_MS, this.closed);
      if (!this.established)
        this.#close(this.#explain(`no answer within ${CONNECT_TIMEOUT_MS / 1_000} s; is it an MQTT broker?`));
      while (!this.closed.aborted) {
        const leftMs = ACKNOWLEDGE_TIMEOUT_MS - this.lagMs;
        if (leftMs > 0) await clock.sleep(leftMs, this.closed);
        else this.#close(this.#explain(`it acknowledged nothing for ${ACKNOWLEDGE_TIMEOUT_MS / 1_000} s`));
      }
    } catch (error) {
      if (!this.closed.aborted) throw error;
    }
  }

  /** Counts a request until the returned function is called. */
  #expectAcknowledgement(): () => void {
    const request = {};
    this.#unacknowledged.set(request, this.#options.clock.monotonic());
    return () => {
      this.#unacknowledged.delete(request);
      this.#wake();
    };
  }

  #wake(): void {
    for (const check of this.#waiting) check();
  }

  #close(error: LinkError): void {
    if (this.closed.aborted) return;
    this.#closing.abort(error);
    this.#socket.destroy();
    this.#wake();
    if (this.established && !this.#ending) this.#options.lost(error);
  }

  /** What it may mean that the broker closed the connection, orderly or by a reset. */
  #whyClosed(): string {
    const { settings, clientId, clock } = this.#options;
    if (this.#establishedAt === undefined) {
      const hint = settings.url.startsWith('mqtt:')
        ? 'does it want TLS, mqtts://?'
        : 'does it speak TLS on this port, and want mqtt.cert?';
      return `it closed the connection without an answer; ${hint}`;
    }
    const ageMs = clock.monotonic() - this.#establishedAt;
    if (ageMs > SOON_MS) return 'it closed the connection';
    const seconds = Math.round(ageMs / 1_000);
    return `it closed the connection after ${seconds} s; when that goes on, another program uses the client id ${clientId}`;
  }

  #explain(reason: string, cause?: Error): LinkError {
    const what = this.established ? 'lost the broker' : 'no connection to the broker';
    return new LinkError(`${what} ${this.#options.settings.url}: ${reason}`, { cause });
  }
}

function clientOptions({ settings, clientId, will, keepaliveSeconds }: MqttOptions): IClientOptions {
  return {
    clientId,
    ...(will && { will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1, retain: true } }),
    keepalive: keepaliveSeconds,
    protocolVersion: 4,
    manualConnect: true,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    messageIdProvider: new UniqueMessageIdProvider(),
    // With DEBUG set, the library's own log would show the password.
    log: () => undefined,
    ...(settings.username !== undefined && { username: settings.username }),
    ...(settings.password !== undefined && { password: settings.password }),
  };
}

/** Whether a topic filter covers a topic: `+` one level, `#` the rest and the level above. MQTT 3.1.1, section 4.7.1. */
export function matches(filter: string, topic: string): boolean {
  const levels = topic.split('/');
  const wanted = filter.split('/');
  const open = wanted.at(-1) === '#';
  if (open) wanted.pop();
  if (open ? levels.length < wanted.length : levels.length !== wanted.length) return false;
  return wanted.every((level, index) => level === '+' || level === levels[index]);
}
