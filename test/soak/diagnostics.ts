// Loaded into the program under test by `node --expose-gc --import`: writes what it holds into the file that $SOAK_DIAGNOSTICS names, once a second.
import { getEventListeners } from 'node:events';
import { renameSync, writeFileSync } from 'node:fs';
import { getHeapCodeStatistics } from 'node:v8';

/** What a process tells of itself. */
export interface Inside {
  /** In bytes, after a collection; without compiled code, of which there is more for hours until all that happens rarely has happened often. */
  readonly heap: number;
  /** Listeners of abort signals that are alive. */
  readonly listeners: number;
  readonly timers: number;
}

const file = process.env.SOAK_DIAGNOSTICS;
const known = new WeakSet<EventTarget>();
const signals = new Set<WeakRef<EventTarget>>();

if (file !== undefined) {
  watchSignals();
  setInterval(() => {
    (globalThis as { readonly gc?: () => void }).gc?.();
    const { heapUsed, external } = process.memoryUsage();
    const { code_and_metadata_size: code, bytecode_and_metadata_size: bytecode } = getHeapCodeStatistics();
    const timers = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const inside: Inside = { heap: heapUsed + external - code - bytecode, listeners: countListeners(), timers };
    writeFileSync(`${file}.new`, JSON.stringify(inside));
    renameSync(`${file}.new`, file);
  }, 1_000).unref();
}

/** Remembers, weakly, each signal that anybody listens to. */
function watchSignals(): void {
  const add: unknown = Reflect.get(EventTarget.prototype, 'addEventListener');
  Object.defineProperty(AbortSignal.prototype, 'addEventListener', {
    value(this: AbortSignal, ...rest: unknown[]): void {
      if (!known.has(this)) signals.add(new WeakRef(this));
      known.add(this);
      Reflect.apply(add as () => void, this, rest);
    },
  });
}

function countListeners(): number {
  let count = 0;
  for (const reference of signals) {
    const signal = reference.deref();
    if (signal) count += getEventListeners(signal, 'abort').length;
    else signals.delete(reference);
  }
  return count;
}
