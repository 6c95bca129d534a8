import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Logger } from '../model/ports.js';

/** What is told: the assignments of sd_notify(3), such as `READY` = `1`. */
export type Assignments = Readonly<Record<string, string>>;

/** Tells the service manager something; resolves when it knows, or cannot be told. */
export type Notify = (assignments: Assignments) => Promise<void>;

/** systemd-notify itself gives up waiting for the service manager after 5 s. */
const TIMEOUT_MS = 10_000;

/**
 * Makes what tells systemd. Node has no datagram sockets of the Unix kind, so `systemd-notify` does it as a child, which costs some 5 ms. It waits until
 * systemd has understood: a message of a sender that is gone is dropped. The unit has to say `NotifyAccess=all`.
 * Not being able to tell is no reason to stop reading meters: it is logged once.
 * @param socket the value of `$NOTIFY_SOCKET`
 */
export function systemdNotify(socket: string, path: string | undefined, log: Logger): Notify {
  const run = promisify(execFile);
  let failed = false;
  return async (assignments) => {
    // A line break would begin another assignment.
    const args = Object.entries(assignments).map(([name, value]) => `${name}=${value.replaceAll(/\p{Cc}+/gu, ' ')}`);
    const env = { NOTIFY_SOCKET: socket, ...(path !== undefined && { PATH: path }) };
    try {
      await run('systemd-notify', args, { env, timeout: TIMEOUT_MS });
      failed = false;
    } catch (error) {
      if (!failed) log.warn(`cannot tell systemd how the program is: ${reasonOf(error)}`);
      failed = true;
    }
  };
}

function reasonOf(error: unknown): string {
  const { stderr, message } = error as Error & { readonly stderr?: string };
  return stderr?.trim() || message;
}
