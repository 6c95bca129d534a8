import type { Clock, Logger } from '../../model/ports.js';
import { scopeOf, within } from '../../pipeline/clock.js';
import type { MqttConnection } from '../../transports/mqtt.js';
import type { HomieState } from '../homie-topics.js';
import type { Message } from './describe.js';

/** How long the broker may take to show us what it holds; one that lets us write but not read never does. */
const LEARN_TIMEOUT_MS = 5_000;
/** How long the broker may take to acknowledge our good-bye. */
const GOODBYE_TIMEOUT_MS = 2_000;
/** How many messages may be on their way before a write waits: several descriptions of a large meter. */
const MAX_UNACKNOWLEDGED = 1_000;
/** How far behind the broker may be before a write waits. What comes meanwhile is merged, so that a slow broker gets fewer values, not older ones. */
const MAX_LAG_MS = 1_000;
/** How long a foreign `$state` stands before ours replaces it: long enough for our own messages to come back to us. */
const FIRST_PATIENCE_MS = 1_000;
/** Against another program that insists as well, the wait doubles up to this … */
const MAX_PATIENCE_MS = 60_000;
/** … and starts over after this time without an incident. */
const CALM_MS = 600_000;

/** What a session is made of: a fresh connection, and the topic of the device that it is for. */
export interface SessionOptions {
  readonly connection: MqttConnection;
  readonly topic: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * One device on one connection: what was published on it, so that only changes are sent, and what the broker held before, so that left-overs can be
 * cleared. Everything is published in the order of the calls; nothing is published after `end`.
 */
export class Session {
  readonly #options: SessionOptions;
  readonly #scope;
  readonly #tasks: Promise<void>[] = [];
  readonly #published = new Map<string, string>();
  readonly #held = new Set<string>();
  #heardState: string | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#scope = scopeOf(options.connection.closed);
  }

  /** The `$state` that was published last. */
  get state(): string | undefined {
    return this.#published.get('$state');
  }

  /**
   * Announces `init` and learns what the broker holds below the device's topic. What is stored there comes marked as retained, and before our own
   * `init` comes back; then that subscription ends, since all that follows would be our own messages. The one to `$state` stays.
   * @throws LinkError the connection is lost
   */
  async begin(deadline: AbortSignal): Promise<void> {
    const { connection, topic, clock, log } = this.#options;
    await Promise.all([
      connection.subscribe(`${topic}/$state`, this.#onState, deadline),
      connection.subscribe(`${topic}/#`, this.#onHeld, deadline),
    ]);
    this.setState('init');
    await within(clock, LEARN_TIMEOUT_MS, deadline, (signal) => connection.until(() => this.#heardState !== undefined, signal));
    if (this.#heardState === undefined)
      log.warn(`the broker does not let us read ${topic}/#: what earlier versions left there stays`);
    await connection.unsubscribe(`${topic}/#`, deadline);
    this.#own(this.#guardState());
  }

  /** Whether any of the messages was not yet published, or with another payload. */
  differs(messages: readonly Message[]): boolean {
    return messages.some(({ subtopic, payload }) => this.#published.get(subtopic) !== payload);
  }

  /** Publishes those of the messages that were not yet published with this payload. @throws LinkError the connection is lost */
  update(messages: readonly Message[]): void {
    this.repeat(messages.filter(({ subtopic, payload }) => this.#published.get(subtopic) !== payload));
  }

  /** Publishes the messages, changed or not. @throws LinkError the connection is lost */
  repeat(messages: readonly Message[]): void {
    this.#scope.signal.throwIfAborted();
    for (const { subtopic, payload } of messages) {
      this.#options.connection.publish(`${this.#options.topic}/${subtopic}`, payload);
      this.#published.set(subtopic, payload);
    }
  }

  /** Publishes the state if it is another. @throws LinkError the connection is lost */
  setState(state: HomieState): void {
    this.update([{ subtopic: '$state', payload: state }]);
  }

  /** Deletes what lies below the device's topic and is not in `tree`, by an empty retained message. @returns how many topics that were */
  clear(tree: ReadonlySet<string>): number {
    const gone = [...new Set([...this.#held, ...this.#published.keys()])].filter((subtopic) => !tree.has(subtopic));
    this.repeat(gone.map((subtopic) => ({ subtopic, payload: '' })));
    for (const subtopic of gone) this.#published.delete(subtopic);
    this.#held.clear();
    return gone.length;
  }

  /** Resolves when the broker has acknowledged all that was published. @throws LinkError the connection is lost */
  settle(deadline: AbortSignal): Promise<void> {
    const { connection } = this.#options;
    return connection.until(() => connection.unacknowledged === 0, deadline);
  }

  /** Resolves when there is room for more, at once if the broker keeps up. @throws LinkError the connection is lost */
  room(deadline: AbortSignal): Promise<void> {
    const { connection } = this.#options;
    return connection.until(() => connection.unacknowledged <= MAX_UNACKNOWLEDGED && connection.lagMs <= MAX_LAG_MS, deadline);
  }

  /** Does something again and again until the session ends. */
  every(ms: number, work: () => void): void {
    const { clock } = this.#options;
    const { signal } = this.#scope;
    const loop = async (): Promise<void> => {
      for (;;) {
        await clock.sleep(ms, signal);
        work();
      }
    };
    this.#own(loop());
  }

  /** Says good-bye while the connection lasts, and closes it. Never throws and never hangs. */
  async end(deadline: AbortSignal): Promise<void> {
    const { connection, clock } = this.#options;
    const alive = !this.#scope.signal.aborted;
    if (alive) this.setState('disconnected');
    this.#scope.abort();
    this.#scope[Symbol.dispose]();
    await Promise.all(this.#tasks);
    if (alive) await within(clock, GOODBYE_TIMEOUT_MS, deadline, (signal) => this.settle(signal)).catch(() => undefined);
    await connection.end(deadline);
  }

  readonly #onState = (_topic: string, payload: Buffer, retained: boolean): void => {
    if (!retained) this.#heardState = payload.toString();
  };

  readonly #onHeld = (topic: string, payload: Buffer, retained: boolean): void => {
    const prefix = `${this.#options.topic}/`;
    if (retained && payload.length > 0 && topic.startsWith(prefix)) this.#held.add(topic.slice(prefix.length));
  };

  get #stateIsForeign(): boolean {
    return this.#heardState !== undefined && this.#heardState !== this.state;
  }

  /** Restores our `$state` when somebody else wrote it: an earlier program's last will, most often. */
  async #guardState(): Promise<void> {
    const { connection, topic, clock, log } = this.#options;
    const { signal } = this.#scope;
    let patienceMs = FIRST_PATIENCE_MS;
    let lastAt = -Infinity;
    for (;;) {
      await connection.until(() => this.#stateIsForeign, signal);
      await clock.sleep(patienceMs, signal);
      if (!this.#stateIsForeign || this.state === undefined) continue;
      const calm = clock.monotonic() - lastAt > CALM_MS;
      if (calm)
        log.warn(`another program wrote "${this.#heardState}" to ${topic}/$state; is a second one publishing this device?`);
      patienceMs = calm ? 2 * FIRST_PATIENCE_MS : Math.min(2 * patienceMs, MAX_PATIENCE_MS);
      lastAt = clock.monotonic();
      this.repeat([{ subtopic: '$state', payload: this.state }]);
    }
  }

  /** Keeps a task until the session ends. One that fails by itself is a bug: whatever is published next throws it. */
  #own(task: Promise<void>): void {
    const onFailure = (error: unknown): void => {
      if (!this.#scope.signal.aborted) this.#scope.abort(error as Error);
    };
    this.#tasks.push(task.catch(onFailure));
  }
}
