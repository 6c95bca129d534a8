/** The levels of the log, from the rarest to the chattiest. */
export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;

/** A level of the log. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Where a component reports changes of state. Fields are structured additions to the message; a message never holds a secret. */
export interface Logger {
  /** Whether debug lines are wanted: ask before building an expensive one. */
  readonly debugs: boolean;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** Structured additions to a log line. */
export type LogFields = Readonly<Record<string, string | number | boolean>>;

/** Time as it comes in from outside, so that tests can drive it. */
export interface Clock {
  /** Milliseconds since 1970 UTC: for stamps only, since a host clock may jump. */
  now(): number;
  /** Milliseconds since some fixed moment, never jumping: for every interval. */
  monotonic(): number;
  /** Resolves after `ms`; rejects with the signal's reason as soon as it aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** What JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/** A small durable map of one environment. Safe to lose, rarely written. */
export interface State {
  /** The value last set, also before a restart. It comes from a file: whoever reads it checks its shape. */
  get(key: string): Json | undefined;
  /** Remembers a value. `soon` writes within a second (a change worth a write), `eventually` with the next batch (a counter). */
  set(key: string, value: Json, urgency: 'soon' | 'eventually'): void;
}
