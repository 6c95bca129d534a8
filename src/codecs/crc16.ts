/** The parameters of a 16-bit cyclic redundancy check, as the catalogues of CRC algorithms name them. */
export interface Crc16Parameters {
  /** Bit-reversed when `reflected`. */
  readonly polynomial: number;
  readonly initial: number;
  readonly reflected: boolean;
}

/** CRC-16/ARC: P1 telegrams. DSMR 5.0.2 P1 Companion Standard, section 6.2 "CRC16". Check value BB3D. */
export const CRC16_ARC: Crc16Parameters = { polynomial: 0xa001, initial: 0, reflected: true };

/** CRC-16/XMODEM: Kamstrup KMP. Kamstrup 5512-447, "Data link layer". Check value 31C3. */
export const CRC16_XMODEM: Crc16Parameters = { polynomial: 0x1021, initial: 0, reflected: false };

/** A check sum over `bytes` from `start` up to, not including, `end`. */
export type Crc16 = (bytes: Uint8Array, start?: number, end?: number) => number;

/** Builds a table-driven CRC, so that its inner loop has neither a bit loop nor a branch. */
export function crc16({ polynomial, initial, reflected }: Crc16Parameters): Crc16 {
  const table = Uint16Array.from({ length: 256 }, (_, byte) =>
    reflected ? reflectedEntry(byte, polynomial) : plainEntry(byte, polynomial),
  );
  if (reflected) return reflectedCrc(table, initial);
  return (bytes, start = 0, end = bytes.length) => {
    let crc = initial;
    for (let at = start; at < end; at++) crc = ((crc << 8) & 0xffff) ^ (table[((crc >>> 8) ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
    return crc;
  };
}

/** Takes four bytes in one step: each passes through a table of its own, for so many bytes that follow it, so that no look-up waits for another. */
function reflectedCrc(table: Uint16Array, initial: number): Crc16 {
  const later = (entries: Uint16Array): Uint16Array => entries.map((entry) => (entry >>> 8) ^ (table[entry & 0xff] ?? 0));
  const second = later(table);
  const third = later(second);
  const fourth = later(third);
  return (bytes, start = 0, end = bytes.length) => {
    let crc = initial;
    let at = start;
    for (; at + 4 <= end; at += 4) {
      crc ^= (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
      crc =
        (fourth[crc & 0xff] ?? 0) ^
        (third[crc >>> 8] ?? 0) ^
        (second[bytes[at + 2] ?? 0] ?? 0) ^
        (table[bytes[at + 3] ?? 0] ?? 0);
    }
    for (; at < end; at++) crc = (crc >>> 8) ^ (table[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
    return crc;
  };
}

function reflectedEntry(byte: number, polynomial: number): number {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
  return crc;
}

function plainEntry(byte: number, polynomial: number): number {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ polynomial) & 0xffff : (crc << 1) & 0xffff;
  return crc;
}
