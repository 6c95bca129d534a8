import type { Step } from './feed.js';

// What a meter's answers say, worked out a second time: by patterns over text instead of byte by byte, from the protocol's description.
// A byte is the character 256 places after it, so that none is a control character: 40 is \u0140.

/** An answer, its data in hexadecimal digits. */
export interface KmpText {
  readonly address: number;
  readonly command: number;
  readonly data: string;
}

/** An answer as it is sent. */
export function writeAnswer({ address, command, data }: KmpText): Uint8Array {
  const body = textOf([address, command, ...Buffer.from(data, 'hex')]);
  const crc = crcOf(body);
  const stuffed = (body + textOf([crc >> 8, crc % 256])).replaceAll(
    /[\u0180\u0140\u010d\u0106\u011b]/g,
    (byte) => `\u011b${complement(byte)}`,
  );
  return bytesOf(`\u0140${stuffed}\u010d`);
}

/** Every intact answer of a stream: 218 bytes at the most, from 40 to the first 0D after it, without 40, 80 or silence between. */
export function answersIn(steps: readonly Step[]): KmpText[] {
  const stream = steps.map((step) => (step === 'idle' ? ' ' : textOf(step))).join('');
  return [...stream.matchAll(/\u0140([^\u0140\u0180\u010d ]{0,216})\u010d/g)].flatMap(([, stuffed = '']) => {
    const isWhole = /^(?:[^\u011b]|\u011b[\u017f\u01bf\u01f2\u01f9\u01e4])*$/.test(stuffed);
    return isWhole ? readBody(stuffed.replaceAll(/\u011b(.)/g, (_, byte: string) => complement(byte))) : [];
  });
}

/** Registers as text `id unit sign magnitude exponent`; undefined where the data is no list of registers. Kamstrup 5512-447, "GetRegister". */
export function registersIn(data: string): string[] | undefined {
  const registers: string[] = [];
  let hex = data;
  while (hex !== '') {
    const length = parseInt(hex.slice(6, 8), 16);
    const end = 10 + 2 * length;
    if (!(length >= 1 && length <= 8) || hex.length < end) return undefined;
    const signs = parseInt(hex.slice(8, 10), 16);
    const magnitude = BigInt(`0x${hex.slice(10, end)}`);
    const sign = signs >= 128 && magnitude > 0n ? '-' : '';
    const exponent = (signs % 64) * (signs % 128 >= 64 ? -1 : 1);
    registers.push(`${parseInt(hex.slice(0, 4), 16)} ${parseInt(hex.slice(4, 6), 16)} ${sign}${magnitude} ${exponent}`);
    hex = hex.slice(end);
  }
  return registers;
}

function readBody(body: string): KmpText[] {
  const [address, command, ...rest] = bytesOf(body);
  if (address === undefined || command === undefined || rest.length < 2) return [];
  if (crcOf(body.slice(0, -2)) !== (rest.at(-2) ?? 0) * 256 + (rest.at(-1) ?? 0)) return [];
  return [{ address, command, data: Buffer.from(rest.slice(0, -2)).toString('hex') }];
}

/** CRC-16/XMODEM, one bit after the other. Kamstrup 5512-447: polynomial x16+x12+x5+1, most significant bit first. */
function crcOf(text: string): number {
  let crc = 0;
  for (const byte of bytesOf(text)) {
    crc ^= byte * 256;
    for (let bit = 0; bit < 8; bit++) crc = crc >= 0x8000 ? ((crc * 2) % 65_536) ^ 0x1021 : crc * 2;
  }
  return crc;
}

function complement(byte: string): string {
  return textOf(bytesOf(byte).map((value) => 255 - value));
}

function textOf(bytes: ArrayLike<number>): string {
  return Array.from(bytes, (byte) => String.fromCharCode(256 + byte)).join('');
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0) - 256);
}
