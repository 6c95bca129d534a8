import { UsageError } from './command.js';

/** What can be made to go wrong, with the key that switches it on and off while the meter runs. */
export const FAULT_KEYS = {
  corruption: 'c',
  truncation: 't',
  noise: 'n',
  glue: 'g',
  silence: 's',
  replay: 'r',
  'wrong-encryption-key': 'k',
  'wrong-authentication-key': 'a',
  echo: 'e',
  unplug: 'u',
} as const satisfies Record<string, string>;

/** What can be made to go wrong. */
export type SimulatedFault = keyof typeof FAULT_KEYS;

/** Decides what goes wrong next. */
export class SimulatedFaults {
  /** How often each strikes, from 0 to 1. */
  readonly #shares: Map<SimulatedFault, number>;
  readonly #random: () => number;
  #changed: (() => void) | undefined;

  /** @param shares how often each that the meter knows strikes */
  constructor(shares: ReadonlyMap<SimulatedFault, number>, random: () => number) {
    this.#shares = new Map(shares);
    this.#random = random;
  }

  /** Those that the meter knows. */
  get known(): readonly SimulatedFault[] {
    return [...this.#shares.keys()];
  }

  /** Whether one strikes each time. */
  isOn(fault: SimulatedFault): boolean {
    return this.#shares.get(fault) === 1;
  }

  /** One that strikes now, of some; the first that does where several would. */
  next<F extends SimulatedFault>(among: readonly F[]): F | undefined {
    return among.find((fault) => this.#random() < (this.#shares.get(fault) ?? 0));
  }

  /** Switches one on or off by its key. @returns which, and whether it is on; undefined when the key has none */
  press(key: string): { readonly fault: SimulatedFault; readonly on: boolean } | undefined {
    const fault = this.known.find((each) => FAULT_KEYS[each] === key);
    if (fault === undefined) return undefined;
    const on = !this.isOn(fault);
    this.#shares.set(fault, on ? 1 : 0);
    this.#changed?.();
    return { fault, on };
  }

  /** Has somebody told of every change, in place of whoever was before. */
  onChange(changed: (() => void) | undefined): void {
    this.#changed = changed;
  }
}

/**
 * Reads what `--fault` says: `corruption=5%,silence`, where one without a share strikes each time.
 * @param known those that the meter knows
 * @returns the share of each that it knows, from 0 to 1
 * @throws UsageError it is not understood
 */
export function parseFaults(text: string | undefined, known: readonly SimulatedFault[]): ReadonlyMap<SimulatedFault, number> {
  const shares = new Map(known.map((fault) => [fault, 0]));
  for (const part of text === undefined ? [] : text.split(',')) {
    const [, name = '', percent] = /^([a-z-]+)(?:=(\d+(?:\.\d+)?)%)?$/.exec(part.trim()) ?? [];
    const fault = known.find((each) => each === name);
    if (fault === undefined || Number(percent ?? 100) > 100)
      throw new UsageError(`--fault "${part}" is not understood: expected one such as corruption=5%, of ${known.join(', ')}`);
    shares.set(fault, Number(percent ?? 100) / 100);
  }
  return shares;
}
