import type { Device } from '../../model/device.js';
import { ConfigError, type LinkError } from '../../model/errors.js';
import type { HealthState, QueueItem } from '../../model/reading.js';
import { defineSettings, type SettingsOf } from '../../model/settings.js';
import { scopeOf, unlessAborted, type Scope } from '../../pipeline/clock.js';
import { defineSink, type Sibling, type Sink, type SinkContext } from '../../pipeline/sink.js';
import { connect, type MqttConnection } from '../../transports/mqtt.js';
import { nameOnBroker, type HomieSettings } from '../homie-settings.js';
import { Announced } from './announced.js';
import { describe, discoveryTopic, withoutComponents } from './describe.js';

const KEEPALIVE_S = 60;
/** How long a device must be unchanged: Home Assistant passes over parts of a config that comes while it works on the one before. */
const SETTLE_MS = 2_000;
/** Home Assistant's birth message. Home Assistant, "MQTT", "Birth and last will messages". */
const BORN = 'online';

const SETTINGS = defineSettings({
  homie: {
    doc: 'The name of the sink of type homie whose topics Home Assistant is to read, on whose broker it must be',
    format: 'text',
    default: 'homie',
  },
  prefix: { doc: "The discovery prefix of Home Assistant's MQTT integration", format: 'topic', default: 'homeassistant' },
  birth_topic: {
    doc: 'Where Home Assistant says that it has started',
    format: 'topic',
    default: 'homeassistant/status',
  },
});

/** Home Assistant's MQTT discovery of the devices that a sink `homie` publishes: one config per device, and no values of its own. */
export default defineSink({
  scope: 'environment',
  delivery: 'latest',
  settings: SETTINGS,
  create: (settings, context) => new HomeAssistantSink(settings, homieAmong(context.siblings, settings.homie), context),
});

/** @throws ConfigError there is no such sink */
function homieAmong(siblings: readonly Sibling[], name: string): HomieSettings {
  const found = siblings.find((sibling) => sibling.type === 'homie' && sibling.name === name);
  if (found) return found.settings as HomieSettings;
  const message =
    'is needed beside a sink of type home-assistant, which tells Home Assistant of its topics: expected such a section, of type homie and enabled';
  throw new ConfigError([{ source: '', key: `sinks.${name}`, message }]);
}

/** A device as it was last heard of. */
interface Known {
  readonly device: Device;
  readonly health: HealthState;
}

class HomeAssistantSink implements Sink {
  readonly #settings: SettingsOf<typeof SETTINGS>;
  readonly #homie: HomieSettings;
  readonly #context: SinkContext;
  readonly #announced: Announced;
  // What is known outlives a connection: the next one announces all of it.
  readonly #known = new Map<string, Known>();
  #session: { readonly connection: MqttConnection; readonly scope: Scope; readonly published: Map<string, string> } | undefined;
  #announcing: Promise<void> | undefined;

  constructor(settings: SettingsOf<typeof SETTINGS>, homie: HomieSettings, context: SinkContext) {
    this.#settings = settings;
    this.#homie = homie;
    this.#context = context;
    const place = discoveryTopic(settings.prefix, homie.root, context.device.id);
    this.#announced = new Announced(context.state, settings.homie, place);
  }

  async open(deadline: AbortSignal, lost: (error: LinkError) => void): Promise<void> {
    const { root, mqtt } = this.#homie;
    const { device, clock } = this.#context;
    const clientId = `smart-meter-reader-home-assistant-${nameOnBroker(root, device.id)}`;
    const connection = await connect({ settings: mqtt, clientId, keepaliveSeconds: KEEPALIVE_S, clock, lost }, deadline);
    const published = new Map<string, string>();
    this.#session = { connection, scope: scopeOf(connection.closed), published };
    const onBirth = (_topic: string, payload: Buffer): void => {
      if (payload.toString() !== BORN) return;
      published.clear();
      this.#announceSoon();
    };
    const heard = await connection.subscribe(this.#settings.birth_topic, onBirth, deadline);
    if (!heard)
      this.#context.log.warn(`the broker does not let us read ${this.#settings.birth_topic}: configs are retained only`);
    this.#announceSoon();
  }

  write(items: readonly QueueItem[]): Promise<void> {
    if (!this.#session) throw new Error('write before open');
    this.#session.scope.signal.throwIfAborted();
    for (const item of items) this.#learn(item);
    return Promise.resolve();
  }

  async close(deadline: AbortSignal): Promise<void> {
    const session = this.#session;
    if (!session) return;
    this.#session = undefined;
    session.scope.abort();
    session.scope[Symbol.dispose]();
    await this.#announcing;
    await session.connection.end(deadline);
  }

  #learn(item: QueueItem): void {
    if (item.kind === 'fault') return;
    const { device } = item;
    const before = this.#known.get(device.id);
    const health = item.kind === 'health' ? item.state : (before?.health ?? 'waiting');
    if (before?.device === device && before.health === health) return;
    this.#known.set(device.id, { device, health });
    this.#announceSoon();
  }

  /** Announces what has changed, once it has settled. An error in that is a bug: the next write throws it. */
  #announceSoon(): void {
    const { clock } = this.#context;
    const scope = this.#session?.scope;
    if (!scope || this.#announcing) return;
    const announce = async (): Promise<void> => {
      await unlessAborted(scope.signal, clock.sleep(SETTLE_MS, scope.signal));
      this.#announcing = undefined;
      if (!scope.signal.aborted) this.#announce();
    };
    this.#announcing = announce().catch((error: unknown) => {
      scope.abort(error as Error);
    });
  }

  #announce(): void {
    for (const topic of this.#announced.left) this.#publish(topic, '');
    for (const known of this.#known.values()) this.#announceDevice(known);
  }

  #announceDevice({ device, health }: Known): void {
    const { root } = this.#homie;
    const topic = discoveryTopic(this.#settings.prefix, root, device.id);
    const config = describe(device, { root, implementation: this.#context.implementation });
    const gone = this.#announced.missingIn(topic, config);
    const shrunk = Object.keys(gone).length > 0;
    // Until the meter was heard, less may be known of it than it has: what was announced before stands.
    if (health === 'waiting' || (shrunk && health !== 'ok')) return;
    if (shrunk) this.#publish(topic, JSON.stringify(withoutComponents(config, gone)));
    this.#publish(topic, JSON.stringify(config));
    this.#announced.note(topic, config);
  }

  /** @throws LinkError the connection is lost */
  #publish(topic: string, payload: string): void {
    const session = this.#session;
    if (!session || session.published.get(topic) === payload) return;
    session.connection.publish(topic, payload);
    session.published.set(topic, payload);
  }
}
