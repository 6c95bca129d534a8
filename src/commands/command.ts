/** What a command gets from the process. */
export interface CommandContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** The program is to stop: end what is under way in order. */
  readonly stop: AbortSignal;
  /** The time for that is over. */
  readonly deadline: AbortSignal;
  /** Dispatches a `request` when the meters are to be read now. */
  readonly readings: EventTarget;
  /** The program's name and version. */
  readonly implementation: string;
}

/** Exit codes, those of sysexits.h where it has one. */
export const EXIT = { ok: 0, usage: 64, software: 70, config: 78 } as const;

/** The command line makes no sense. Shown with a hint at `--help`; exit code 64. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
