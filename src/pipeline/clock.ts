import type { Clock } from '../model/ports.js';

/** The host's time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(reasonOf(signal));
        return;
      }
      const onAbort = (): void => {
        clearTimeout(timer);
        reject(reasonOf(signal));
      };
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      }, ms);
      signal.addEventListener('abort', onAbort, { once: true });
    }),
};

/** Why a signal aborted, as an error; an AbortError where no reason was given. */
export function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new DOMException('aborted', 'AbortError');
}

/** A signal that aborts with its parent or by itself, and can be let go of: unlike `AbortSignal.any`, it leaves nothing on a long-lived parent. */
export interface Scope extends Disposable {
  readonly signal: AbortSignal;
  abort(reason?: Error): void;
}

/** Opens a scope below `parent`; dispose of it when its work has ended. */
export function scopeOf(parent: AbortSignal): Scope {
  const controller = new AbortController();
  const onAbort = (): void => {
    controller.abort(reasonOf(parent));
  };
  if (parent.aborted) onAbort();
  else parent.addEventListener('abort', onAbort, { once: true });
  return {
    signal: controller.signal,
    abort: (reason) => {
      controller.abort(reason);
    },
    [Symbol.dispose]: () => {
      parent.removeEventListener('abort', onAbort);
    },
  };
}

/** Ends the timer of work that was done in time. One for all: each would cost a stack trace. */
const DONE = new DOMException('the work is done', 'AbortError');

/**
 * Gives `work` at most `ms` milliseconds.
 * @returns what the work resolves with, or undefined when its time ran out and it gave up at its signal
 * @throws whatever the work throws by itself, and the reason of `signal` when that aborts
 */
export async function within<T>(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const scope = scopeOf(signal);
  let expired: DOMException | undefined;
  const timer = clock.sleep(ms, scope.signal).then(
    () => {
      expired = new DOMException('time ran out', 'TimeoutError');
      scope.abort(expired);
    },
    () => undefined,
  );
  try {
    return await work(scope.signal);
  } catch (error) {
    if (expired === undefined || error !== expired) throw error;
    return undefined;
  } finally {
    scope.abort(DONE);
    scope[Symbol.dispose]();
    await timer;
  }
}

/** Awaits work that its signal may cut short: what it throws after the signal aborted is not an error. */
export async function unlessAborted(signal: AbortSignal, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Awaits work until the signal aborts. @returns undefined when that came first; the work goes on */
export async function orAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T | undefined> {
  using scope = scopeOf(signal);
  const aborted = new Promise<undefined>((resolve) => {
    const onAbort = (): void => {
      resolve(undefined);
    };
    if (scope.signal.aborted) onAbort();
    else scope.signal.addEventListener('abort', onAbort, { once: true });
  });
  return await Promise.race([work, aborted]);
}
