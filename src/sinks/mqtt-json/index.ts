import type { LinkError } from '../../model/errors.js';
import type { QueueItem, Reading, Values } from '../../model/reading.js';
import { within } from '../../pipeline/clock.js';
import { defineSink, type Sink, type SinkContext } from '../../pipeline/sink.js';
import { connect, judgeMqtt, type MqttConnection } from '../../transports/mqtt.js';
import type { Layout } from '../layout.js';
import { layoutOf, SETTINGS, topicFor, type JsonSettings } from './settings.js';

const KEEPALIVE_S = 15;
/** How long the broker may take to acknowledge our good-bye. */
const GOODBYE_TIMEOUT_MS = 2_000;
/** What Tasmota says of itself, and who follows it understands. */
const ONLINE = 'Online';
const OFFLINE = 'Offline';

/**
 * One JSON message per reading. `latest`: the topic says what is now, and most that read it never look at a time. After an outage they get one message with the
 * newest values, not a burst of old ones that they would take for the present; keeping every reading is what histories are for.
 */
export default defineSink({
  scope: 'device',
  delivery: 'latest',
  settings: SETTINGS,
  create: (settings, context) => {
    judgeMqtt(settings.mqtt, context.log);
    return new MqttJsonSink(settings, layoutOf(settings), context);
  },
});

class MqttJsonSink implements Sink {
  readonly #settings: JsonSettings;
  readonly #layout: Layout;
  readonly #context: SinkContext;
  readonly #topic: string;
  readonly #statusTopic: string;
  /** The newest values that have times of their own, such as hourly gas: they are part of every message. */
  #own: Values = {};
  #connection: MqttConnection | undefined;

  constructor(settings: JsonSettings, layout: Layout, context: SinkContext) {
    this.#settings = settings;
    this.#layout = layout;
    this.#context = context;
    this.#topic = topicFor(settings.topic, context.device.id);
    this.#statusTopic = topicFor(settings.status_topic, context.device.id);
  }

  async open(deadline: AbortSignal, lost: (error: LinkError) => void): Promise<void> {
    // Nobody else publishes to this topic, so no other connection has this id.
    const clientId = `smart-meter-reader-json-${this.#topic.replaceAll(/[^A-Za-z0-9]+/g, '-')}`;
    const will = { topic: this.#statusTopic, payload: OFFLINE };
    const { clock } = this.#context;
    this.#connection = await connect(
      { settings: this.#settings.mqtt, clientId, will, keepaliveSeconds: KEEPALIVE_S, clock, lost },
      deadline,
    );
    this.#connection.publish(this.#statusTopic, ONLINE);
  }

  async write(items: readonly QueueItem[], deadline: AbortSignal): Promise<void> {
    const connection = this.#connection;
    if (!connection) throw new Error('write before open');
    for (const item of items) if (item.kind === 'reading') this.#send(connection, item);
    await connection.until(() => connection.unacknowledged === 0, deadline);
  }

  async close(deadline: AbortSignal): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    if (!connection) return;
    if (!connection.closed.aborted) {
      connection.publish(this.#statusTopic, OFFLINE);
      const acknowledged = (signal: AbortSignal): Promise<void> =>
        connection.until(() => connection.unacknowledged === 0, signal);
      await within(this.#context.clock, GOODBYE_TIMEOUT_MS, deadline, acknowledged).catch(() => undefined);
    }
    await connection.end(deadline);
  }

  /** What a reading has at a time of its own goes out with the next one: it is no telegram. */
  #send(connection: MqttConnection, { device, values, measuredAt, timing }: Reading): void {
    if (timing === 'own') {
      this.#own = { ...this.#own, ...values };
      return;
    }
    const snapshot = { device, values: { ...this.#own, ...values }, ...(measuredAt !== undefined && { measuredAt }) };
    connection.publish(this.#topic, JSON.stringify(this.#layout(snapshot)), { retain: this.#settings.retain });
  }
}
