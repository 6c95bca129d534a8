import { reasonOf } from './clock.js';
import type { Work } from './pulse.js';

/** A bounded first-in, first-out queue between tasks: `put` waits for room, `take` for an item. */
export class Queue<T> {
  readonly #capacity: number;
  readonly #work: Work | undefined;
  readonly #items: T[] = [];
  readonly #roomFor: (() => void)[] = [];
  readonly #wanted: (() => void)[] = [];
  #closed = false;

  /** @param work told while items wait to be taken */
  constructor(capacity: number, work?: Work) {
    this.#capacity = capacity;
    this.#work = work;
  }

  get length(): number {
    return this.#items.length;
  }

  /**
   * Adds an item, waiting while the queue is full.
   * @throws the signal's reason when it aborts first; an Error when the queue is closed, since nobody would ever take the item
   */
  async put(item: T, signal: AbortSignal): Promise<void> {
    while (!this.#closed && this.#items.length >= this.#capacity) await waitIn(this.#roomFor, signal);
    if (this.#closed) throw new Error('put into a closed queue');
    if (this.#items.length === 0) this.#work?.begin();
    this.#items.push(item);
    this.#wanted.shift()?.();
  }

  /**
   * The oldest item, waiting for one while the queue is empty.
   * @returns undefined when the queue is closed and empty
   */
  async take(signal: AbortSignal): Promise<T | undefined> {
    while (!this.#closed && this.#items.length === 0) await waitIn(this.#wanted, signal);
    const item = this.#items.shift();
    if (this.#items.length > 0) this.#work?.begin();
    else this.#work?.end();
    this.#roomFor.shift()?.();
    return item;
  }

  /** Nothing more is put; what is in the queue can still be taken. */
  close(): void {
    this.#closed = true;
    for (const wake of [...this.#wanted.splice(0), ...this.#roomFor.splice(0)]) wake();
  }
}

/** Waits until somebody shifts our waker from the list and calls it. */
function waitIn(wakers: (() => void)[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(reasonOf(signal));
      return;
    }
    const wake = (): void => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    };
    const onAbort = (): void => {
      const at = wakers.indexOf(wake);
      if (at >= 0) wakers.splice(at, 1);
      reject(reasonOf(signal));
    };
    wakers.push(wake);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
