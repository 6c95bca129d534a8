import { LinkError } from '../../src/model/errors.js';
import type { QueueItem } from '../../src/model/reading.js';
import type { Sink } from '../../src/pipeline/sink.js';

/** How a call to a store ends: well; with an error; or never, whatever its signal says. `half` writes some of it and loses the connection then. */
export type Ending = 'well' | 'lost' | 'bug' | 'never' | 'half';

/** A store of the tests: keeps the value of every property that was written to it, and fails as it is told. */
export class Store implements Sink {
  /** What was written, oldest first: the path of a property and its value. */
  readonly written: (readonly [path: string, value: unknown])[] = [];
  /** How often it was opened. */
  opened = 0;
  /** How many items the largest write had. */
  largest = 0;
  readonly #ending: (call: 'open' | 'write') => Ending;
  #lost: (error: LinkError) => void = () => undefined;

  constructor(ending: (call: 'open' | 'write') => Ending = () => 'well') {
    this.#ending = ending;
  }

  /** The newest value of each property. */
  get holds(): Readonly<Record<string, unknown>> {
    return Object.fromEntries(this.written);
  }

  async open(_deadline: AbortSignal, lost: (error: LinkError) => void): Promise<void> {
    this.opened += 1;
    this.#lost = lost;
    await this.#end(this.#ending('open'));
  }

  async write(items: readonly QueueItem[]): Promise<void> {
    this.largest = Math.max(this.largest, items.length);
    const ending = this.#ending('write');
    const values = items.flatMap((item) => (item.kind === 'fault' ? [] : Object.entries(item.values)));
    const share = { well: 1, half: 0.5, lost: 0, bug: 0, never: 0 }[ending];
    this.written.push(...values.slice(0, values.length * share));
    await this.#end(ending);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** The other side breaks the connection, perhaps while nobody writes. */
  breakConnection(): void {
    this.#lost(new LinkError('connection reset'));
  }

  async #end(ending: Ending): Promise<void> {
    if (ending === 'bug') throw new TypeError('a bug');
    if (ending === 'lost' || ending === 'half') throw new LinkError('connection reset');
    if (ending === 'never') await new Promise(() => undefined);
  }
}
