import { fstatSync } from 'node:fs';
import type { LogLevel } from '../model/ports.js';

const STDERR = 2;

/** Priorities as journald reads them at the start of a line. sd-daemon(3). */
export const JOURNAL_PRIORITY = { error: '<3>', warn: '<4>', info: '<6>', debug: '<7>' } as const satisfies Record<
  LogLevel,
  string
>;

/**
 * Whether journald reads standard error. It says so by the device and inode of what it reads, since a process passes the variable on to others whose
 * standard error may be a terminal or a file. systemd.exec(5), "$JOURNAL_STREAM".
 * @param stream the value of `$JOURNAL_STREAM`
 */
export function isJournal(stream: string | undefined): boolean {
  if (stream === undefined) return false;
  const { dev, ino } = fstatSync(STDERR, { bigint: true });
  return stream === `${dev}:${ino}`;
}

/** What journald is to read as errors: for it each line is a message of its own, also those of a stack trace. */
export function asJournalErrors(text: string): string {
  return text.replace(/^(?=.)/gm, JOURNAL_PRIORITY.error);
}
