import type { Clock, Logger } from '../model/ports.js';
import type { FaultKind, HealthState } from '../model/reading.js';
import { Remarks } from './remarks.js';

/** A state of health and why. Details of one cause may differ from frame to frame; only a new state or cause is news. */
export interface Condition {
  readonly state: HealthState;
  readonly cause: string;
  readonly detail: string;
}

/** So many changes are said at once, and from then on one in each interval: a cable that is moved about changes the state several times a minute. */
const CHANGES_AT_ONCE = 12;
const CHANGE_INTERVAL_MS = 300_000;

/** The telegrams whose faults are summed up, and how often; below so few new ones there is no ratio to speak of. */
const RECENT = 1_000;
const SUMMARY_MS = 3_600_000;
const SUMMARY_MIN = 20;
/** From this share of faults on, a summary is a warning. */
const WARNING_SHARE = 0.05;

/** What each kind of fault is called when many are summed up, and what is worth looking at. */
const KINDS = {
  checksum: ['CRC errors', 'power supply or cable?'],
  truncated: ['incomplete', 'power supply or cable?'],
  malformed: ['not understood', 'line settings, inverted signal, or another kind of meter?'],
  'wrong-encryption-key': ['wrong encryption key', 'has the meter or its key been changed?'],
  'wrong-authentication-key': ['wrong authentication key', 'has the meter or its key been changed?'],
  encrypted: ['encrypted', 'is client.encryption_key missing?'],
  unencrypted: ['unencrypted', 'does the meter still encrypt?'],
  replayed: ['replayed', 'does something else send on this line?'],
  timeout: ['no answer', 'has the head moved?'],
  echo: ['only echo', 'has the head moved?'],
} as const satisfies Record<FaultKind, readonly [name: string, hint: string]>;

/** What the log says of one meter: its changes of state, and what many faults come to. However bad the line, that is a few lines an hour. */
export class MeterLog {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #causes: Remarks;
  /** A change that was not said yet, and how many there were since the last that was. */
  #unsaid: { readonly condition: Condition; readonly changes: number } | undefined;
  /** Changes that may be said now, as of `#allowedAt`. */
  #allowed = CHANGES_AT_ONCE;
  #allowedAt: number;
  /** What the last telegrams were, as a ring. */
  readonly #recent: (FaultKind | 'reading')[] = [];
  #next = 0;
  #summary = { since: 0, heard: 0, faults: 0 };

  constructor(clock: Clock, log: Logger) {
    this.#clock = clock;
    this.#log = log;
    this.#causes = new Remarks(clock);
    this.#allowedAt = this.#summary.since = clock.monotonic();
  }

  /** The meter is in another state, or in the same for another cause, which is said once an hour. */
  changed(before: Condition, condition: Condition): void {
    const change = (): void => {
      this.#unsaid = { condition, changes: (this.#unsaid?.changes ?? 0) + 1 };
      this.#sayChange(before.state === 'waiting' ? 'first reading received' : 'meter is back');
    };
    if (before.state !== condition.state) change();
    else this.#causes.make(`${condition.state} ${condition.cause}`, change);
  }

  /** There was a telegram or an answer, or there should have been one. */
  heard(what: FaultKind | 'reading'): void {
    this.#recent[this.#next] = what;
    this.#next = (this.#next + 1) % RECENT;
    this.#summary.heard += 1;
    if (what !== 'reading') this.#summary.faults += 1;
    this.catchUp();
    this.#summarize();
  }

  /** Says the last change that was not said when it came, as soon as it may be: the log ends with how the meter is. */
  catchUp(): void {
    this.#sayChange('meter is back');
  }

  #sayChange(good: string): void {
    if (!this.#unsaid || !this.#isAllowed()) return;
    const { condition, changes } = this.#unsaid;
    this.#unsaid = undefined;
    const fields = changes > 1 ? { 'changes since the last line': changes } : undefined;
    if (condition.state === 'ok') this.#log.info(good, fields);
    else this.#log.warn(`meter ${condition.state}: ${condition.detail}`, fields);
  }

  #isAllowed(): boolean {
    const now = this.#clock.monotonic();
    const earned = Math.floor((now - this.#allowedAt) / CHANGE_INTERVAL_MS);
    this.#allowedAt += earned * CHANGE_INTERVAL_MS;
    this.#allowed = Math.min(this.#allowed + earned, CHANGES_AT_ONCE);
    if (this.#allowed === 0) return false;
    this.#allowed -= 1;
    return true;
  }

  #summarize(): void {
    const now = this.#clock.monotonic();
    const { since, heard, faults } = this.#summary;
    if (now - since < SUMMARY_MS || heard < SUMMARY_MIN) return;
    this.#summary = { since: now, heard: 0, faults: 0 };
    const summary = faults > 0 ? sumUp(this.#recent) : undefined;
    if (summary) this.#log[summary.share < WARNING_SHARE ? 'info' : 'warn'](summary.text);
  }
}

/** The faults among telegrams in one sentence, the most frequent kind first and with its hint; undefined when there are none. */
function sumUp(telegrams: readonly (FaultKind | 'reading')[]): { readonly text: string; readonly share: number } | undefined {
  const counts = new Map<FaultKind, number>();
  for (const what of telegrams) if (what !== 'reading') counts.set(what, (counts.get(what) ?? 0) + 1);
  const kinds = [...counts].sort(([, a], [, b]) => b - a);
  const [most] = kinds;
  if (!most) return undefined;
  const shares = kinds.map(([kind, count]) => `${KINDS[kind][0]}: ${printShare(count / telegrams.length)}`);
  const total = telegrams.length.toLocaleString('en');
  return {
    text: `${shares.join(', ')} of the last ${total} telegrams: ${KINDS[most[0]][1]}`,
    share: kinds.reduce((sum, [, count]) => sum + count, 0) / telegrams.length,
  };
}

function printShare(share: number): string {
  return share < 0.01 ? 'less than 1 %' : `${Math.round(100 * share)} %`;
}
