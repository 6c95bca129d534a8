import { crc16, CRC16_ARC } from '../crc16.js';
import type { Telegram } from './telegram.js';

const crc = crc16(CRC16_ARC);

/** Writes a telegram as a meter does, with the blank line after its header and its CRC16. The counterpart of `parseTelegram`. */
export function encodeTelegram({ identification, objects }: Telegram): Uint8Array {
  const lines = objects.map(({ obis, contents }) => obis + contents.map((content) => `(${content})`).join(''));
  return closeTelegram([`/${identification}`, '', ...lines, '!'].join('\r\n'));
}

/** Puts the CRC16 and the line end behind a text that goes from `/` to `!`. */
export function closeTelegram(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'latin1');
  const checksum = crc(bytes).toString(16).toUpperCase().padStart(4, '0');
  return Buffer.concat([bytes, Buffer.from(`${checksum}\r\n`, 'latin1')]);
}
