import { pathsOf, type Device } from '../../model/device.js';
import { printNumber } from '../../model/decimal.js';
import type { LinkError } from '../../model/errors.js';
import type { HealthState, QueueItem, Values } from '../../model/reading.js';
import { defineSink, type Sink, type SinkContext } from '../../pipeline/sink.js';
import { connect, judgeMqtt } from '../../transports/mqtt.js';
import { HOMIE_SETTINGS, nameOnBroker, type HomieSettings } from '../homie-settings.js';
import { deviceTopic, stateTopic, type HomieState } from '../homie-topics.js';
import { describe, describeValues, STATES, STATS_INTERVAL_MS, UPTIME, type Message } from './describe.js';
import { Session } from './session.js';

const REPEAT_MS = 600_000;
const KEEPALIVE_S = 15;
const WILL: HomieState = 'lost';

/** Homie 4.0.0 on MQTT: one device tree per meter, one connection per device. */
export default defineSink({
  scope: 'device',
  delivery: 'latest',
  settings: HOMIE_SETTINGS,
  create: (settings, context) => {
    judgeMqtt(settings.mqtt, context.log);
    return new HomieSink(settings, context);
  },
});

/** A tree as it is published: its description, and every topic that belongs to it. */
interface Tree {
  readonly device: Device;
  readonly description: readonly Message[];
  readonly topics: ReadonlySet<string>;
}

class HomieSink implements Sink {
  readonly #settings: HomieSettings;
  readonly #context: SinkContext;
  readonly #startedAt: number;
  // What is known about the meter outlives a connection: the next one begins with all of it.
  #tree: Tree | undefined;
  #values: Values = {};
  #health: HealthState = 'waiting';
  #session: Session | undefined;

  constructor(settings: HomieSettings, context: SinkContext) {
    this.#settings = settings;
    this.#context = context;
    this.#startedAt = context.clock.monotonic();
  }

  async open(deadline: AbortSignal, lost: (error: LinkError) => void): Promise<void> {
    const { root, mqtt } = this.#settings;
    const { device, clock, log } = this.#context;
    const connection = await connect(
      {
        settings: mqtt,
        // A device that is published under two roots of one broker needs two, or its connections would throw each other off.
        clientId: `smart-meter-reader-${nameOnBroker(root, device.id)}`,
        will: { topic: stateTopic(root, device.id), payload: WILL },
        keepaliveSeconds: KEEPALIVE_S,
        clock,
        lost,
      },
      deadline,
    );
    const session = new Session({ connection, topic: deviceTopic(root, device.id), clock, log });
    this.#session = session;
    await session.begin(deadline);
    session.every(STATS_INTERVAL_MS, () => {
      session.repeat([this.#uptime()]);
    });
    session.every(REPEAT_MS, () => {
      // Repeated under another state, old values would look fresh to who does not ask for the state.
      if (this.#tree && session.state === 'ready') session.repeat(describeValues(this.#tree.device, this.#values));
    });
    await this.#publish(session, deadline);
  }

  async write(items: readonly QueueItem[], deadline: AbortSignal): Promise<void> {
    for (const item of items) this.#learn(item);
    if (!this.#session) throw new Error('write before open');
    await this.#publish(this.#session, deadline);
  }

  async close(deadline: AbortSignal): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.end(deadline);
  }

  #learn(item: QueueItem): void {
    if (item.kind === 'fault') return;
    if (item.kind === 'health') this.#health = item.state;
    this.#values = { ...this.#values, ...item.values };
    if (item.device !== this.#tree?.device) this.#tree = plant(item.device, this.#context.implementation);
  }

  /** Brings the broker up to what is known. Values come before the state that depends on them; a state waits until the broker has all before it. */
  async #publish(session: Session, deadline: AbortSignal): Promise<void> {
    if (!this.#tree) return;
    const { device, description, topics } = this.#tree;
    const state = STATES[this.#health];
    if (session.differs(description)) {
      session.setState('init');
      session.update([...description, this.#uptime()]);
    }
    if (state === 'ready' && session.state !== 'ready') this.#clear(session, topics);
    session.update(describeValues(device, this.#values));
    if (session.state !== state) {
      await session.settle(deadline);
      session.setState(state);
    }
    await session.room(deadline);
  }

  #clear(session: Session, topics: ReadonlySet<string>): void {
    const count = session.clear(topics);
    if (count > 0) this.#context.log.info('cleared what earlier versions of the tree left on the broker', { topics: count });
  }

  #uptime(): Message {
    const seconds = Math.floor((this.#context.clock.monotonic() - this.#startedAt) / 1_000);
    return { subtopic: UPTIME, payload: printNumber(seconds) };
  }
}

function plant(device: Device, implementation: string): Tree {
  const description = describe(device, implementation);
  const described = description.map(({ subtopic }) => subtopic);
  return { device, description, topics: new Set([...described, ...pathsOf(device.nodes), '$state', UPTIME]) };
}
