import { encodeApdu } from '../../src/codecs/dlms/encode.js';
import { KEYS } from '../support/p1.js';
import { crcOf } from './p1-oracle.js';
import type { Random } from './random.js';

/** A frame that goes in intact, and all that may come out for it. */
export interface P1Original {
  readonly wire: Uint8Array;
  /** From `/` to `!`. */
  readonly text: string;
  readonly crc: number;
  /** What stands behind the CRC. */
  readonly lineEndBytes: number;
  /** As 16 hexadecimal digits, with the frame counter; undefined when it is not encrypted. */
  readonly ciphering: { readonly systemTitle: string; readonly frameCounter: number } | undefined;
  readonly values: Readonly<Record<string, number>>;
}

/** Registers of which telegrams are made, where their values belong by the topic contract, and their units. */
const REGISTERS = [
  ['1-0:1.8.0', 'energy/imported-total', 'Wh'],
  ['1-0:1.8.1', 'energy/used-tariff-1', 'Wh'],
  ['1-0:2.8.0', 'energy/delivered-total', 'Wh'],
  ['1-0:3.8.0', 'energy/reactive-imported-total', 'varh'],
  ['1-0:4.7.0', 'power/reactive-export', 'var'],
  ['1-0:1.7.0', 'power/current-usage', 'W'],
] as const;

/** Makes a frame with values that no other has. */
export function makeP1(random: Random, frameCounter: number, encrypted: boolean): P1Original {
  const values: Record<string, number> = {};
  const lines: string[] = [];
  for (const [obis, path, unit] of REGISTERS) {
    if (lines.length > 0 && random.oneIn(3)) continue;
    values[path] = random.below(1_000_000_000);
    lines.push(`${obis}(${writeNumber(values[path], unit, random)})`);
  }
  if (random.oneIn(64)) lines.push(`0-0:96.13.0(${'30'.repeat(random.below(2_000))})`);
  const header = random.pick(['/EST5\\253700000_A', '/ISk5\\2MT382-1000', '/KFM5KAIFA-METER']);
  const text = `${[header, ...(random.oneIn(4) ? [] : ['']), ...lines].join('\r\n')}\r\n!`;
  const crc = crcOf(Buffer.from(text, 'latin1'));
  const telegram = closed(text, random);
  const lineEndBytes = telegram.length - telegram.findLastIndex((byte) => byte > 0x20) - 1;
  if (!encrypted) return { wire: telegram, text, crc, lineEndBytes, ciphering: undefined, values };
  const systemTitle = Buffer.from(`SAG${random.pick(['5', 'g'])}\0\xdb\x08${random.pick(['a', 'b'])}`, 'latin1');
  const wire = encodeApdu({
    systemTitle,
    frameCounter,
    plaintext: telegram,
    keys: KEYS,
    ...(random.oneIn(2) && { lengthBytes: 3 }),
  });
  return {
    wire,
    text,
    crc,
    lineEndBytes,
    ciphering: { systemTitle: systemTitle.toString('hex').toUpperCase(), frameCounter },
    values,
  };
}

/** A text with its CRC, worked out by the second implementation and written in one of the ways that meters have. */
export function closed(text: string, random: Random): Uint8Array {
  const crc = crcOf(Buffer.from(text, 'latin1')).toString(16);
  const written = random.pick([crc.toUpperCase().padStart(4, '0'), crc.padStart(4, '0'), crc.toUpperCase()]);
  return Buffer.from(`${text}${written}${random.pick(['\r\n', '\r\n', '\0\r\n', '\n'])}`, 'latin1');
}

function writeNumber(value: number, unit: string, random: Random): string {
  const digits = String(value).padStart(9, '0');
  return random.pick([
    `${digits}*${unit}`,
    `${digits}*${unit}`,
    `${digits.slice(0, -3)}.${digits.slice(-3)}*k${unit}`,
    `${digits.slice(0, -3)}.${digits.slice(-3)}K${unit.toUpperCase()}`,
  ]);
}

/** Bytes that mean something within P1: starts, ends, and lengths that are wild. */
export function p1Token(random: Random): Uint8Array {
  const title = Buffer.from('SAG5\0\x12\x34\x56', 'latin1');
  return random.pick<() => Uint8Array>([
    () => Buffer.concat([Buffer.of(0xdb, 8), title, wildLength(random), Buffer.of(random.pick([0x30, 0x20, 0x21, 0x31]))]),
    () => Buffer.concat([Buffer.of(0xdb, 8), title.subarray(0, random.below(8))]),
    () => wildLength(random),
    () => Buffer.from('/EST5\\2\r\n'),
    () => Buffer.from('/'),
    () => Buffer.from(`\r\n!${random.below(65_536).toString(16)}`),
    () => Buffer.from('!'),
    () => Buffer.from('\r\n'),
    () => Buffer.from('1-0:1.7.0(000000666*W)\r\n'),
    () => Buffer.of(0xdb),
  ])();
}

function wildLength(random: Random): Uint8Array {
  return random.pick([
    () => Buffer.of(random.below(256)),
    () => Buffer.of(0x81, random.below(256)),
    () => Buffer.of(0x82, random.below(256), random.below(256)),
    () => Buffer.of(0x82, 0, random.below(40)),
    () => Buffer.of(0x82, 0x1f, 0xf0),
    () => Buffer.of(0x83, 0xff, 0xff, 0xff),
    () => Buffer.of(0x84, 0xff, 0xff, 0xff, 0xff),
    () => Buffer.of(0x80),
  ])();
}
