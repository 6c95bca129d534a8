import type { Values } from '../../model/reading.js';

/** Values that were measured at another time than that of the telegram that brings them. */
export interface OwnTime {
  /** Milliseconds since 1970 UTC. */
  readonly measuredAt: number;
  readonly values: Values;
}

/** Remembers the last answer to the contents of an object, which most telegrams repeat. */
export class Memo<T> {
  #contents: readonly string[] = [];
  #answer: T | undefined;

  recall(contents: readonly string[], compute: (contents: readonly string[]) => T): T {
    if (this.#answer !== undefined && hasSame(this.#contents, contents)) return this.#answer;
    this.#contents = contents;
    this.#answer = compute(contents);
    return this.#answer;
  }
}

/** Whether two lists have the same items in the same order. */
export function hasSame<T>(items: readonly T[], others: readonly T[]): boolean {
  return items.length === others.length && items.every((item, index) => item === others[index]);
}

/** An instant as it is published. */
export function printInstant(instant: number): string {
  return new Date(instant).toISOString();
}
