import { encodeFrame } from './frame.js';
import { parseRegisters, type Register } from './register.js';

/** The address of the heat meter itself, not of a module in it. */
export const HEAT_METER = 0x3f;

/** The commands that a reader needs. Those that set a clock or a register (09, 11) are left out on purpose. Kamstrup 5512-447. */
export const COMMAND_IDS = { getType: 0x01, getSerialNumber: 0x02, getRegisters: 0x10 } as const;

/** How many registers one request may ask for. Kamstrup 5512-447, "GetRegister". */
export const MAX_REGISTERS = 8;

/** Something to ask a meter, and how its answer reads. */
export interface Command<Answer> {
  readonly id: number;
  readonly data: Uint8Array;
  /** Reads the data of an answer whose check sum was right; undefined when it is none to this command. */
  parse(data: Uint8Array): Answer | undefined;
}

/** What a meter says that it is. */
export interface MeterType {
  /** 0001: Multical 601 with Pt500, 0004: 601 with Pt100, 0005: 601 with four wires, 15xx: through top module 67-05. */
  readonly type: number;
  /** The software's letter and number, such as `F1`. */
  readonly revision: string;
}

/** Asks for type and software revision: type (2 bytes), letter (1 for A), number. */
export const GET_TYPE: Command<MeterType> = {
  id: COMMAND_IDS.getType,
  data: new Uint8Array(),
  parse: (data) => {
    const [high, low, letter, number] = data;
    if (data.length !== 4 || high === undefined || low === undefined || letter === undefined) return undefined;
    return { type: high * 256 + low, revision: `${letterOf(letter)}${number}` };
  },
};

/** Asks for the serial number (4 bytes): the decimal number that is printed on the meter. */
export const GET_SERIAL_NUMBER: Command<number> = {
  id: COMMAND_IDS.getSerialNumber,
  data: new Uint8Array(),
  parse: (data) => (data.length === 4 ? new DataView(data.buffer, data.byteOffset).getUint32(0) : undefined),
};

/**
 * Asks for registers by their ids.
 * @throws RangeError none or more than eight, which is a mistake of the caller
 */
export function getRegisters(ids: readonly number[]): Command<readonly Register[]> {
  if (ids.length === 0 || ids.length > MAX_REGISTERS) throw new RangeError(`${ids.length} registers in one request`);
  return {
    id: COMMAND_IDS.getRegisters,
    data: Uint8Array.from([ids.length, ...ids.flatMap((id) => [id >> 8, id & 0xff])]),
    parse: parseRegisters,
  };
}

/** A command as it is sent to the heat meter. */
export function encodeRequest({ id, data }: Pick<Command<unknown>, 'id' | 'data'>): Uint8Array {
  return encodeFrame('request', { address: HEAT_METER, command: id, data });
}

function letterOf(number: number): string {
  return number >= 1 && number <= 26 ? String.fromCharCode(64 + number) : `${number}.`;
}
