import { COMMAND_IDS, HEAT_METER, MAX_REGISTERS, type MeterType } from './command.js';
import { encodeFrame } from './frame.js';
import { encodeRegister, type Register } from './register.js';

/** A meter's answer to GetType. `revision` is a letter and a number, such as `F1`. */
export function encodeTypeAnswer({ type, revision }: MeterType): Uint8Array {
  return encodeAnswer(COMMAND_IDS.getType, [type >> 8, type & 0xff, revision.charCodeAt(0) - 64, Number(revision.slice(1))]);
}

/** A meter's answer to GetSerialNo. */
export function encodeSerialNumberAnswer(serialNumber: number): Uint8Array {
  const data = new Uint8Array(4);
  new DataView(data.buffer).setUint32(0, serialNumber);
  return encodeAnswer(COMMAND_IDS.getSerialNumber, data);
}

/** A meter's answer to GetRegister. */
export function encodeRegistersAnswer(registers: readonly Register[]): Uint8Array {
  return encodeAnswer(COMMAND_IDS.getRegisters, registers.flatMap(encodeRegister));
}

/**
 * The register ids that a GetRegister request asks for, read on the meter's side.
 * @returns undefined when the data is not a count from one to eight and that many ids
 */
export function parseRequestedRegisters(data: Uint8Array): readonly number[] | undefined {
  const [count = 0] = data;
  if (count === 0 || count > MAX_REGISTERS || data.length !== 1 + 2 * count) return undefined;
  const view = new DataView(data.buffer, data.byteOffset);
  return Array.from({ length: count }, (_, index) => view.getUint16(1 + 2 * index));
}

function encodeAnswer(command: number, data: ArrayLike<number>): Uint8Array {
  return encodeFrame('answer', { address: HEAT_METER, command, data: Uint8Array.from(data) });
}
