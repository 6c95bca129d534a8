import { Service, type ServiceOptions } from './service.js';
import { systemdNotify } from './systemd-notify.js';

/**
 * The service as which systemd runs the program.
 * @param env `$NOTIFY_SOCKET` and `$WATCHDOG_USEC`, as sd_notify(3) and sd_watchdog_enabled(3) have them
 * @returns undefined when nobody wants to be told
 */
export function openService(
  env: Readonly<Record<string, string | undefined>>,
  options: Omit<ServiceOptions, 'notify' | 'watchdogMs'>,
): Service | undefined {
  const { NOTIFY_SOCKET, WATCHDOG_USEC, PATH } = env;
  if (!NOTIFY_SOCKET) return undefined;
  const watchdogMs = Number(WATCHDOG_USEC) / 1_000;
  return new Service({
    ...options,
    notify: systemdNotify(NOTIFY_SOCKET, PATH, options.log),
    watchdogMs: watchdogMs > 0 ? watchdogMs : undefined,
  });
}
