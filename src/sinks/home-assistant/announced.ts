import type { Json, State } from '../../model/ports.js';
import type { Discovery } from './describe.js';

/** Platform by component id: what Home Assistant has to be told to forget a component. */
export type Platforms = Readonly<Record<string, string>>;

/**
 * What Home Assistant was told, remembered over restarts: what is gone since then must be taken back. A place is the discovery topic of the device that
 * the environment is for; when that is another one, so are all topics.
 */
export class Announced {
  readonly #state: State;
  readonly #key: string;
  readonly #place: string;

  /** @param sink the name of the sink whose topics are announced */
  constructor(state: State, sink: string, place: string) {
    this.#state = state;
    this.#key = `home-assistant ${sink}`;
    this.#place = place;
  }

  /** The topics that belong to another place: an id, a root or a prefix that the settings no longer have. */
  get left(): readonly string[] {
    const { place, topics } = this.#recall();
    return place === this.#place ? [] : Object.keys(topics);
  }

  /** The components that were announced on the topic and are not in the config. */
  missingIn(topic: string, { components }: Discovery): Platforms {
    const known = Object.entries(this.#recall().topics[topic] ?? {});
    return Object.fromEntries(known.filter(([id]) => !Object.hasOwn(components, id)));
  }

  /** Notes what was announced on a topic. */
  note(topic: string, { components }: Discovery): void {
    const { place, topics } = this.#recall();
    const platforms = Object.fromEntries(Object.entries(components).map(([id, { platform }]) => [id, platform]));
    const before = place === this.#place ? topics : {};
    if (JSON.stringify(before[topic]) === JSON.stringify(platforms)) return;
    this.#state.set(this.#key, { place: this.#place, topics: { ...before, [topic]: platforms } }, 'soon');
  }

  #recall(): { readonly place: string; readonly topics: Readonly<Record<string, Platforms>> } {
    const remembered = this.#state.get(this.#key);
    if (!isRecord(remembered) || typeof remembered.place !== 'string' || !isRecord(remembered.topics))
      return { place: this.#place, topics: {} };
    const topics = Object.entries(remembered.topics).filter((entry): entry is [string, Platforms] => isPlatforms(entry[1]));
    return { place: remembered.place, topics: Object.fromEntries(topics) };
  }
}

function isPlatforms(value: Json | undefined): value is Platforms {
  return isRecord(value) && Object.values(value).every((platform) => typeof platform === 'string');
}

function isRecord(value: Json | undefined): value is { readonly [key: string]: Json | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
