/**
 * Waits for an event that can be given up.
 * @param start is given `wake`, to be called when the event has come; more calls do nothing
 * @returns a promise that resolves when the event has come or `signal` has aborted: the caller looks which. It leaves no listener.
 */
export function wait(signal: AbortSignal, start: (wake: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      signal.removeEventListener('abort', wake);
      resolve();
    };
    if (signal.aborted) {
      resolve();
      return;
    }
    signal.addEventListener('abort', wake, { once: true });
    start(wake);
  });
}
