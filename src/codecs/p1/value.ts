import type { Decimal } from '../../model/decimal.js';

/** A number as a telegram holds it. */
export interface SentValue extends Decimal {
  /** As sent, in whatever case; empty when there is none. */
  readonly unit: string;
}

/** Decimal digits that a double holds exactly, whatever they are. */
const SAFE_DIGITS = 15;

const MINUS = 0x2d;
const POINT = 0x2e;
const ASTERISK = 0x2a;

/**
 * Reads `["-"] digits ["." digits] [["*"] unit]`, such as `000326641*Wh`, `01.193*kW`, `00.000kW`, without loss.
 * DSMR 5.0.2 P1 Companion Standard, Fn(x,y).
 * @returns undefined when the content is anything else
 */
export function parseValue(content: string): SentValue | undefined {
  const start = content.charCodeAt(0) === MINUS ? 1 : 0;
  let integer = 0;
  let point = -1;
  let at = start;
  for (; at < content.length; at++) {
    const code = content.charCodeAt(at);
    if (code === POINT && point === -1) point = at;
    else if (code >= 0x30 && code <= 0x39) integer = integer * 10 + code - 0x30;
    else break;
  }
  const digits = at - start - (point === -1 ? 0 : 1);
  if (digits === 0 || point === start || point === at - 1) return undefined;
  const unit = content.slice(content.charCodeAt(at) === ASTERISK ? at + 1 : at);
  const exponent = point === -1 ? 0 : point + 1 - at;
  if (digits > SAFE_DIGITS) return { integer: BigInt(content.slice(0, at).replace('.', '')), exponent, unit };
  return { integer: start === 1 ? 0 - integer : integer, exponent, unit };
}
