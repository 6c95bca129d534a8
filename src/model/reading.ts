import type { Device } from './device.js';

/** Plain, JSON-safe values in the units of their device, keyed `node/property`. Absent means "not known", never zero. */
export type Values = Readonly<Record<string, number | boolean | string>>;

/** What one meter said at one instant. Times are milliseconds since 1970 UTC; `measuredAt` is the meter's own time, or absent. */
export interface Reading {
  readonly kind: 'reading';
  readonly device: Device;
  readonly measuredAt?: number;
  /** `own`: measured at a time of its own and told later, such as the hourly reading of a gas meter. It says nothing of the meter's clock. */
  readonly timing?: 'own';
  readonly receivedAt: number;
  readonly values: Values;
}

/** What can be wrong with a frame or a poll, each with the word that a log line and a status begin with. */
export const FAULTS = {
  checksum: 'damaged frame',
  truncated: 'incomplete frame',
  malformed: 'not understood',
  'wrong-encryption-key': 'wrong encryption key',
  'wrong-authentication-key': 'wrong authentication key',
  encrypted: 'encrypted frame',
  unencrypted: 'unencrypted telegram',
  replayed: 'replayed frame',
  timeout: 'no answer',
  echo: 'only echo',
} as const satisfies Record<string, string>;

/** The closed set of things that can be wrong with a frame or a poll. */
export type FaultKind = keyof typeof FAULTS;

/** A frame or a poll that gave no reading. `device` is the device id, `detail` says in words that a user can act on what was seen. */
export interface Fault {
  readonly kind: 'fault';
  readonly device: string;
  readonly at: number;
  readonly what: FaultKind;
  readonly detail: string;
  /** What was received, for the log at debug level. */
  readonly bytes?: Uint8Array;
}

/** What was counted for one meter since the program started. */
export interface Figures {
  readonly readings: number;
  /** Of all kinds together. */
  readonly faults: number;
  readonly faultsOf: Readonly<Record<FaultKind, number>>;
  /** Values that were left out of their readings because they cannot be right. */
  readonly quarantined: number;
  /** Telegrams that the meter sent and nobody received, told by gaps in its frame counter. */
  readonly lost: number;
  /** How often the link to the meter was lost. */
  readonly reconnects: number;
}

/** What there is to count before anything has happened. */
export const NO_FIGURES: Figures = {
  readings: 0,
  faults: 0,
  faultsOf: {
    checksum: 0,
    truncated: 0,
    malformed: 0,
    'wrong-encryption-key': 0,
    'wrong-authentication-key': 0,
    encrypted: 0,
    unencrypted: 0,
    replayed: 0,
    timeout: 0,
    echo: 0,
  },
  quarantined: 0,
  lost: 0,
  reconnects: 0,
};

/** How a meter is: not heard of yet, fresh, gone quiet, or saying nothing that can be used. */
export type HealthState = 'waiting' | 'ok' | 'silent' | 'failing';

/**
 * What we know about the meter itself, made by the pipeline from readings, faults and silence. A history ignores it.
 * `values` are those of the node `meter` that follow from it.
 */
export interface Health {
  readonly kind: 'health';
  readonly device: Device;
  readonly at: number;
  readonly state: HealthState;
  readonly detail: string;
  readonly figures: Figures;
  readonly values: Values;
}

/** All that travels on the queue. */
export type QueueItem = Reading | Fault | Health;
