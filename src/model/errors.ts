/** One thing wrong with the settings, in words: where (file and key), what, and what was expected. */
export interface Problem {
  /** The file, credential or environment variable the value came from. */
  readonly source: string;
  /** The dotted key, such as `client.link.path`; empty when the file as a whole is meant. */
  readonly key: string;
  readonly message: string;
}

/** The settings cannot be used. Every problem is shown at once and the process exits with 78 (EX_CONFIG of sysexits.h). */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(printProblem).join('\n'));
    this.problems = problems;
  }
}

/** A problem as one line for a person. */
export function printProblem({ source, key, message }: Problem): string {
  return [source, key, message].filter((part) => part !== '').join(': ');
}

/** A connection to a meter or a destination is lost or cannot be made. The pipeline waits and tries again. */
export class LinkError extends Error {
  override readonly name = 'LinkError';
  /** How long the other side asks us to stay away. */
  readonly retryAfterMs?: number;

  constructor(message: string, options: ErrorOptions & { readonly retryAfterMs?: number } = {}) {
    super(message, options);
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs;
  }
}

/** Nothing more will ever come on a link: it is a recording that has been played to its end. The client that reads it has finished. */
export class LinkEnded extends LinkError {}

/** Items that a destination will never take, whatever is tried: they are dropped and counted, the rest is repeated. */
export class RejectedError extends Error {
  override readonly name = 'RejectedError';
  /** The indices of the refused items in the batch that was written. */
  readonly which: readonly number[];

  constructor(message: string, which: readonly number[], options?: ErrorOptions) {
    super(message, options);
    this.which = which;
  }
}

/** All that a bug can tell: its stack where it has one. */
export function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
