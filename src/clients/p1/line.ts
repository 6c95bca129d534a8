import type { P1Frame } from '../../codecs/p1/frame.js';
import { isInverted } from '../../codecs/p1/noise.js';
import type { Finding } from '../../codecs/p1/scanner.js';
import type { Logger, State } from '../../model/ports.js';
import type { LineSettings } from '../../transports/open-link.js';

/** How P1 ports send, by the name that is remembered. DSMR 5.0.2 P1 Companion Standard, section 5.5; DSMR 2.2, P1. */
export const LINES = {
  '115200 8N1': { baudRate: 115_200, dataBits: 8, parity: 'none', stopBits: 1 },
  '9600 7E1': { baudRate: 9_600, dataBits: 7, parity: 'even', stopBits: 1 },
} as const satisfies Record<string, LineSettings>;

/** The name of a line. */
export type LineName = keyof typeof LINES;

/** What a user may call the meter, and the lines on which such a one may send, in the order in which they are tried. */
export const PRESETS = {
  auto: ['115200 8N1', '9600 7E1'],
  dsmr2: ['9600 7E1'],
  dsmr3: ['9600 7E1'],
  dsmr4: ['115200 8N1'],
  dsmr5: ['115200 8N1'],
  esmr5: ['115200 8N1'],
  emucs: ['115200 8N1'],
  smarty: ['115200 8N1'],
  t210: ['115200 8N1'],
} as const satisfies Record<string, readonly LineName[]>;

/** What a user may call the meter. */
export type Preset = keyof typeof PRESETS;

/** Whether a line is that of DSMR 2 and 3, whose telegrams have no CRC16. */
export function isOld({ dataBits, parity }: LineSettings): boolean {
  return dataBits === 7 && parity === 'even';
}

/** A line on which the meter may send. */
export interface NamedLine {
  readonly name: string;
  readonly line: LineSettings;
}

/** Under which key the state remembers on which line the meter was heard. */
const STATE_KEY = 'line';

/** So many faults in a row speak against a line: a single one is what is left of a telegram that had begun before. */
const FAULTS_AGAINST = 2;

/** The same for a line on which the meter was heard: a cable may be bad for a while. */
const FAULTS_AGAINST_KNOWN = 6;

/** Finds the line on which the meter sends, where more than one may be. */
export class LineSearch<L extends NamedLine> {
  readonly #lines: readonly [L, ...L[]];
  readonly #state: State;
  readonly #log: Logger;
  #at = 0;
  #faults = 0;
  /** The line on which the meter was heard last. */
  #known: string | undefined;

  /** @param context where it is remembered which line the meter was heard on, and said when that is another one */
  constructor(lines: readonly [L, ...L[]], { state, log }: { readonly state: State; readonly log: Logger }) {
    this.#lines = lines;
    this.#state = state;
    this.#log = log;
    const remembered = state.get(STATE_KEY);
    if (typeof remembered === 'string') this.#known = remembered;
  }

  /** Whether there is more than one line to try. */
  get isOpen(): boolean {
    return this.#lines.length > 1;
  }

  /** The line to listen on. */
  get current(): L {
    return this.#lines[this.#at] ?? this.#lines[0];
  }

  /** Starts with the line on which the meter was heard last, if that is one of those to try. */
  begin(): void {
    const known = this.#lines.findIndex(({ name }) => name === this.#known);
    if (known !== -1) this.#at = known;
    this.#faults = 0;
  }

  /** Goes on to the next line. */
  next(): void {
    this.#at = (this.#at + 1) % this.#lines.length;
    this.#faults = 0;
  }

  /** Takes notice of what was heard on the current line. @returns whether the next is to be tried */
  judge(finding: Finding<P1Frame>): boolean {
    if (!this.isOpen) return false;
    if (finding.kind === 'frame') {
      this.#found();
      return false;
    }
    // Whatever else is wrong, such as a key, was read well enough to be known.
    const speaksAgainst = finding.what === 'malformed' || finding.what === 'checksum' || finding.what === 'truncated';
    this.#faults = speaksAgainst && !isInverted(finding.bytes) ? this.#faults + 1 : 0;
    return this.#faults >= (this.#known === this.current.name ? FAULTS_AGAINST_KNOWN : FAULTS_AGAINST);
  }

  #found(): void {
    this.#faults = 0;
    const { name } = this.current;
    if (this.#known === name) return;
    this.#known = name;
    this.#state.set(STATE_KEY, name, 'soon');
    this.#log.info(`telegrams check out at ${name}: this is remembered, and tried first from now on`);
  }
}
