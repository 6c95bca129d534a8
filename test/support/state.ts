import type { Json, State } from '../../src/model/ports.js';

/** A state that forgets with the process: what a component remembers, for a test to look at or to prepare. */
export class MemoryState implements State {
  readonly map = new Map<string, Json>();

  get(key: string): Json | undefined {
    return this.map.get(key);
  }

  set(key: string, value: Json): void {
    this.map.set(key, value);
  }
}
