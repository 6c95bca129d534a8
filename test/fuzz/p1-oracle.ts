import { createDecipheriv } from 'node:crypto';

// What a telegram says, worked out a second time: bit by bit and by pattern, from the specification, sharing nothing with what is tested.

/** CRC16/ARC, one bit after the other. DSMR 5.0.2 P1 Companion Standard, section 6.2: polynomial x16+x15+x2+1, least significant bit first. */
export function crcOf(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc % 2 === 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  }
  return crc;
}

/** Whether a telegram ends with `!` at the start of a line and a CRC that is right. */
export function isRight(telegram: string): boolean {
  const [, text, digits] = /^(\/.*[\r\n]!)([0-9A-Fa-f]{1,4})$/s.exec(telegram) ?? [];
  return text !== undefined && digits !== undefined && crcOf(Buffer.from(text, 'latin1')) === parseInt(digits, 16);
}

/** A number in `base` (Wh, W, varh, var) or a thousand of them, which three decimals without a unit mean too; undefined where the nearest double is no integer. */
export function numberIn(content: string, base: string): number | undefined {
  const [, sign = '', before, after = '', unit] = /^(-?)([0-9]+)(?:\.([0-9]+))?(?:\*|(?![.0-9]))(.*)$/s.exec(content) ?? [];
  const isThousand = unit === '' && after.length === 3;
  const shift = isThousand ? 3 : [base, `k${base}`].map((name) => name.toLowerCase()).indexOf(unit?.toLowerCase() ?? '') * 3;
  if (before === undefined || shift < 0) return undefined;
  const number = Number(`${sign}${before}.${after}0e${shift}`);
  return Number.isSafeInteger(number) ? number : undefined;
}

/** Every number that some bytes may mean by an object, wherever it stands and whether or not a line ends within it. */
export function numbersOf(telegram: string, obis: string, base: string): readonly number[] {
  const text = telegram.replaceAll(/[\r\n]/g, '');
  const contents: string[] = [];
  for (let at = text.indexOf(obis); at !== -1; at = text.indexOf(obis, at + 1)) {
    contents.push(/^(?:[.*]255)?\(([^)]*)\)/.exec(text.slice(at + obis.length))?.[1] ?? '');
  }
  return contents.map((content) => numberIn(content, base)).filter((number) => number !== undefined);
}

/** What every frame of general-glo-ciphering that may stand in a stream decrypts to, without a look at tags. Green Book, "Ciphered xDLMS APDUs". */
export function plaintextsIn(stream: Uint8Array, encryptionKey: Uint8Array): string[] {
  const texts: string[] = [];
  for (let at = stream.indexOf(0xdb); at !== -1; at = stream.indexOf(0xdb, at + 1)) {
    const form = stream[at + 10] ?? 0;
    const body = at + 11 + (form === 0x82 ? 2 : form === 0x81 ? 1 : 0);
    const counterBlock = Buffer.concat([
      stream.subarray(at + 2, at + 10),
      stream.subarray(body + 1, body + 5),
      Buffer.of(0, 0, 0, 2),
    ]);
    if (counterBlock.length !== 16) continue;
    const decipher = createDecipheriv('aes-128-ctr', encryptionKey, counterBlock);
    texts.push(decipher.update(stream.subarray(body + 5)).toString('latin1'));
  }
  return texts;
}
