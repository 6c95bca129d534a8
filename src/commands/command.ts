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
  /** How large the terminal is to which `stdout` goes; undefined where it goes elsewhere. */
  readonly screen?: () => Screen | undefined;
  /** Where a person may answer; absent where nobody can. */
  readonly stdin?: () => NodeJS.ReadStream;
  /** Dispatches a `request` when the meters are to be read now. */
  readonly readings: EventTarget;
  /** The program's name and version. */
  readonly implementation: string;
}

/** A terminal, in characters. */
export interface Screen {
  readonly columns: number;
  readonly rows: number;
}

/** Exit codes, those of sysexits.h where it has one. */
export const EXIT = {
  ok: 0,
  /** The question that was asked is answered with no. */
  no: 1,
  usage: 64,
  /** A file is not what it should be. */
  data: 65,
  /** A file cannot be read. */
  noInput: 66,
  software: 70,
  /** Nothing was heard from the meter. */
  unavailable: 69,
  /** A file cannot be written. */
  cannotCreate: 73,
  config: 78,
} as const;

/** Values of a command's own options, by their names. */
export type Options = Readonly<Record<string, string | boolean | undefined>>;

/** The command line makes no sense. Shown with a hint at `--help`; exit code 64. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A command cannot do what it was told, for a reason outside of the program: said in one line. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly exitCode: number;

  constructor(exitCode: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
