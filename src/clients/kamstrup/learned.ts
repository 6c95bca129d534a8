import type { Json } from '../../model/ports.js';

/**
 * Which registers a meter has been found to know. A meter leaves unknown ones out of its answer, and a Multical 403 that is asked for unknown ones
 * only does not answer at all.
 */
export interface Learned {
  readonly serial: string;
  /** Every register that was ever answered: one answer without it does not unlearn it. */
  readonly answered: readonly number[];
  /** When all registers were last asked for, answered before or not; milliseconds since 1970 UTC. */
  readonly askedAllAt: number;
}

/** Often enough for a meter that was configured anew, and seldom enough to be no trouble; a new meter is known by its serial number at once. */
const ASK_ALL_AGAIN_MS = 7 * 24 * 3_600_000;

/** What is known about a meter of which nothing is known. */
export function nothingLearned(serial: string): Learned {
  return { serial, answered: [], askedAllAt: 0 };
}

/** What was remembered about the meter of that serial number; nothing when it was another meter's or is not in the expected shape. */
export function recall(remembered: Json | undefined, serial: string): Learned {
  if (typeof remembered !== 'object' || remembered === null || Array.isArray(remembered)) return nothingLearned(serial);
  const { serial: owner, answered, askedAllAt } = remembered as Readonly<Record<string, unknown>>;
  if (owner !== serial || typeof askedAllAt !== 'number' || !Array.isArray(answered)) return nothingLearned(serial);
  return { serial, answered: answered.filter((id): id is number => typeof id === 'number'), askedAllAt };
}

/** The registers to ask for now, of all that are wanted. */
export function registersToAsk(learned: Learned, wanted: readonly number[], now: number): readonly number[] {
  const known = wanted.filter((id) => learned.answered.includes(id));
  return known.length === 0 || allAreDue(learned, now) ? wanted : known;
}

/** What one request came to. */
export interface Outcome {
  readonly asked: readonly number[];
  readonly answered: readonly number[];
}

/** What is known after a request was answered; `learned` itself when that is nothing new. */
export function learn(learned: Learned, wanted: readonly number[], { asked, answered }: Outcome, now: number): Learned {
  const known = wanted.filter((id) => answered.includes(id) || learned.answered.includes(id));
  const askedAll = asked.length === wanted.length && allAreDue(learned, now);
  if (known.length === learned.answered.length && !askedAll) return learned;
  return { ...learned, answered: known, askedAllAt: askedAll ? now : learned.askedAllAt };
}

/** Also due when the host's clock was set back: it is a stamp that outlives a restart. */
function allAreDue({ askedAllAt }: Learned, now: number): boolean {
  return now - askedAllAt >= ASK_ALL_AGAIN_MS || now < askedAllAt;
}
