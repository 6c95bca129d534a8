import { COMMAND_IDS, type MeterType } from '../codecs/kmp/command.js';
import {
  encodeRegistersAnswer,
  encodeSerialNumberAnswer,
  encodeTypeAnswer,
  parseRequestedRegisters,
} from '../codecs/kmp/encode.js';
import { KmpDecoder, type KmpFrame } from '../codecs/kmp/frame.js';
import type { Register } from '../codecs/kmp/register.js';
import type { Link } from '../transports/link.js';
import type { HouseholdState } from './household.js';

/** What can be wrong on the way between a meter and its reader. All may be changed while the meter runs. */
export interface MulticalFaults {
  /** The head sends back what it is given. */
  echo: boolean;
  /** What comes before each answer: 00 bytes on waking, noise. */
  before: Uint8Array;
  /** How many of the next requests get no answer; each of these counters goes down to zero by itself. */
  silent: number;
  /** How many of the next answers have a wrong check sum. */
  corrupt: number;
  /** How many of the next answers break off in the middle. */
  truncate: number;
}

/**
 * A Multical 403 that answers to GetType, GetSerialNo and GetRegister. Registers that it does not have are left out of its answers; asked for none that
 * it has, it stays silent, as a 403 does.
 */
export class Multical {
  serialNumber = 76_543_210;
  /** Made up, as what a 403 answers is not published. A meter without one does not answer GetType. */
  type: MeterType | undefined = { type: 0x0403, revision: 'F1' };
  /** What it measures, by register id. Change it at will. */
  readonly registers = new Map<number, Omit<Register, 'id'>>([
    [60, { unitCode: 0x03, value: { integer: 55_006, exponent: -3 } }],
    [68, { unitCode: 0x28, value: { integer: 187_556, exponent: -2 } }],
    [74, { unitCode: 0x29, value: { integer: 518, exponent: 0 } }],
    [80, { unitCode: 0x16, value: { integer: 64, exponent: -1 } }],
    [86, { unitCode: 0x25, value: { integer: 7_039, exponent: -2 } }],
    [87, { unitCode: 0x25, value: { integer: 3_355, exponent: -2 } }],
    [89, { unitCode: 0x26, value: { integer: 3_684, exponent: -2 } }],
    [1004, { unitCode: 0x2e, value: { integer: 16_411, exponent: 0 } }],
  ]);
  /** Called for each request before it is answered: a meter measures all the time. */
  onRequest: (() => void) | undefined;
  readonly faults: MulticalFaults = { echo: false, before: new Uint8Array(), silent: 0, corrupt: 0, truncate: 0 };

  /** Shows what the heat meter of a household shows. */
  measure({ heatKwh, heatW, heatLitres, heatMl, flowCentidegrees, returnCentidegrees, hours }: HouseholdState): void {
    const set = (id: number, integer: number): void => {
      const register = this.registers.get(id);
      if (register) this.registers.set(id, { ...register, value: { ...register.value, integer } });
    };
    set(60, heatKwh);
    set(68, Math.floor(heatLitres / 10));
    set(74, Math.round((heatMl * 60) / 1_000));
    set(80, heatW / 100);
    set(86, flowCentidegrees);
    set(87, returnCentidegrees);
    set(89, flowCentidegrees - returnCentidegrees);
    set(1004, hours);
  }

  /**
   * Answers on a link until `stop` aborts.
   * @throws LinkError the link was lost
   */
  async run(link: Link, stop: AbortSignal): Promise<void> {
    const decoder = new KmpDecoder('request');
    try {
      for (;;) {
        const chunk = await link.read(stop);
        if (this.faults.echo) await link.write(chunk, stop);
        for (const found of decoder.push(chunk)) {
          if (found.kind === 'frame') this.onRequest?.();
          const answer = found.kind === 'frame' && !this.#strikes('silent') ? this.#answer(found.frame) : undefined;
          if (answer) await link.write(this.#spoil(answer), stop);
        }
      }
    } catch (error) {
      if (!stop.aborted) throw error;
    }
  }

  #answer({ command, data }: KmpFrame): Uint8Array | undefined {
    switch (command) {
      case COMMAND_IDS.getType:
        return this.type && encodeTypeAnswer(this.type);
      case COMMAND_IDS.getSerialNumber:
        return encodeSerialNumberAnswer(this.serialNumber);
      case COMMAND_IDS.getRegisters:
        return this.#answerRegisters(parseRequestedRegisters(data) ?? []);
      default:
        return undefined;
    }
  }

  #answerRegisters(ids: readonly number[]): Uint8Array | undefined {
    const known = ids.flatMap((id) => {
      const register = this.registers.get(id);
      return register ? [{ id, ...register }] : [];
    });
    return known.length === 0 ? undefined : encodeRegistersAnswer(known);
  }

  #spoil(answer: Uint8Array): Uint8Array {
    const bytes = answer.slice(0, this.#strikes('truncate') ? answer.length / 2 : undefined);
    // The address, 3F, becomes 3E: no stuffing changes, only the check sum no longer fits.
    if (this.#strikes('corrupt')) bytes.fill(0x3e, 1, 2);
    return Uint8Array.from([...this.faults.before, ...bytes]);
  }

  #strikes(fault: 'silent' | 'corrupt' | 'truncate'): boolean {
    if (this.faults[fault] === 0) return false;
    this.faults[fault] -= 1;
    return true;
  }
}
