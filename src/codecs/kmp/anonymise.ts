import { blankBetween, type Edit, type Pseudonyms } from '../pseudonyms.js';
import { COMMAND_IDS } from './command.js';
import { encodeRegistersAnswer, encodeSerialNumberAnswer } from './encode.js';
import { encodeFrame, KmpDecoder, type Direction, type KmpFrame } from './frame.js';
import { parseRegisters, unitOf, type Register } from './register.js';

/** Start bytes of frames by their direction, and the stop byte. Kamstrup 5512-447, "Data link layer". */
const DIRECTIONS: Readonly<Record<number, Direction>> = { 0x80: 'request', 0x40: 'answer' };
const STOP = 0x0d;

/** Serial number, customer number in two halves, and numbers of meters that are connected. */
const NAMES: ReadonlySet<number> = new Set([1001, 1010, 112, 104, 114]);

const MAX_SERIAL_NUMBER = 0xffff_ffff;

/** A register without a unit of measurement whose number has so many digits may be a name too. */
const LONG_NUMBER = 10_000_000;

/**
 * Replaces what tells whose meter a recording of KMP is of: serial numbers and customer numbers; check sums and stuffing are made anew. What belongs to no intact
 * frame, or to one of a command that is not known, is blanked but for zeros.
 */
export function anonymiseKmp(
  bytes: Uint8Array,
  pseudonyms: Pseudonyms,
): { readonly edits: readonly Edit[]; readonly frames: number } {
  const frames: Edit[] = [];
  for (let start = 0; start < bytes.length; start++) {
    const direction = DIRECTIONS[bytes[start] ?? 0];
    const end = bytes.indexOf(STOP, start) + 1;
    const [found] = direction && end > 0 ? new KmpDecoder(direction).push(bytes.subarray(start, end)) : [];
    if (!direction || found?.kind !== 'frame') continue;
    const made = remake(direction, found.frame, pseudonyms);
    if (!made) continue;
    frames.push({ start, end, bytes: made });
    start = end - 1;
  }
  return { edits: blankBetween(bytes, frames, (byte) => byte === 0), frames: frames.length };
}

function remake(direction: Direction, frame: KmpFrame, pseudonyms: Pseudonyms): Uint8Array | undefined {
  const { command, data } = frame;
  const isKnown = Object.values(COMMAND_IDS).some((id) => id === command);
  if (!isKnown) return undefined;
  const isNamed = direction === 'answer' && command !== COMMAND_IDS.getType;
  if (!isNamed) return encodeFrame(direction, frame);
  if (command === COMMAND_IDS.getSerialNumber) {
    if (data.length !== 4) return undefined;
    const serial = new DataView(data.buffer, data.byteOffset).getUint32(0);
    return encodeSerialNumberAnswer(pseudonyms.ofNumber(serial, MAX_SERIAL_NUMBER));
  }
  const registers = parseRegisters(data);
  if (!registers?.some(isName)) return registers && encodeFrame(direction, frame);
  return encodeRegistersAnswer(registers.map((register) => (isName(register) ? rename(register, pseudonyms) : register)));
}

function isName({ id, unitCode, value }: Register): boolean {
  return NAMES.has(id) || (unitOf(unitCode) === undefined && (typeof value.integer === 'bigint' || value.integer >= LONG_NUMBER));
}

function rename(register: Register, pseudonyms: Pseudonyms): Register {
  const { integer, exponent } = register.value;
  return { ...register, value: { integer: pseudonyms.ofNumber(Number(integer), Number.MAX_SAFE_INTEGER), exponent } };
}
