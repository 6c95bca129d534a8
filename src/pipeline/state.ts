import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock, Json, Logger, State } from '../model/ports.js';
import { scopeOf, unlessAborted, type Scope } from './clock.js';
import { isSystemError } from './system-error.js';

/** How long a change may wait for others before it is written: SD cards wear by the write. */
const DELAY_MS = { soon: 1_000, eventually: 600_000 } as const;

/**
 * A small durable map of one environment, in one JSON file of mode 0600. Written to a temporary file, synced and renamed, so that a power cut
 * leaves the old or the new one. A broken file is set aside, and a folder that cannot be written is said once: neither is ever fatal.
 */
export class FileState implements State {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #map: Map<string, Json>;
  #dueAt = Infinity;
  #wait: Scope | undefined;
  #failed = false;

  private constructor(path: string, clock: Clock, log: Logger, map: Map<string, Json>) {
    this.#path = path;
    this.#clock = clock;
    this.#log = log;
    this.#map = map;
  }

  /** Reads the state at `path`; an absent file is an empty state. */
  static async open(path: string, clock: Clock, log: Logger): Promise<FileState> {
    return new FileState(path, clock, log, await readMap(path, log));
  }

  get(key: string): Json | undefined {
    return this.#map.get(key);
  }

  set(key: string, value: Json, urgency: 'soon' | 'eventually'): void {
    this.#map.set(key, value);
    const dueAt = this.#clock.monotonic() + DELAY_MS[urgency];
    if (dueAt >= this.#dueAt) return;
    this.#dueAt = dueAt;
    this.#wait?.abort();
  }

  /** Writes changes when they are due, until `stop` aborts; then what is left, at once. */
  async keep(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      using wait = scopeOf(stop);
      this.#wait = wait;
      const remainingMs = Math.min(Math.max(0, this.#dueAt - this.#clock.monotonic()), DELAY_MS.eventually);
      await unlessAborted(wait.signal, this.#clock.sleep(remainingMs, wait.signal));
      if (this.#dueAt <= this.#clock.monotonic()) await this.#write();
    }
    if (this.#dueAt < Infinity) await this.#write();
  }

  async #write(): Promise<void> {
    this.#dueAt = Infinity;
    try {
      await writeDurably(this.#path, JSON.stringify(Object.fromEntries(this.#map)));
      if (this.#failed) this.#log.info('the state can be saved again', { path: this.#path });
      this.#failed = false;
    } catch (error) {
      if (!isSystemError(error)) throw error;
      if (!this.#failed)
        this.#log.warn(`cannot save the state: ${error.message}; trying again until it works`, { path: this.#path });
      this.#failed = true;
      this.#dueAt = Math.min(this.#dueAt, this.#clock.monotonic() + DELAY_MS.eventually);
    }
  }
}

async function readMap(path: string, log: Logger): Promise<Map<string, Json>> {
  try {
    const content: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (typeof content !== 'object' || content === null || Array.isArray(content)) throw new SyntaxError('not a JSON object');
    return new Map(Object.entries(content as Record<string, Json>));
  } catch (error) {
    if (isSystemError(error)) {
      if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') log.warn(`cannot read the state: ${error.message}`, { path });
      return new Map();
    }
    if (!(error instanceof SyntaxError)) throw error;
    log.warn(`the state is broken, set aside and begun anew: ${error.message}`, { path, aside: `${path}.broken` });
    await setAside(path, log);
    return new Map();
  }
}

async function setAside(path: string, log: Logger): Promise<void> {
  try {
    await rename(path, `${path}.broken`);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    log.warn(`the broken state stays where it is: ${error.message}`, { path });
  }
}

async function writeDurably(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.new`;
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}
