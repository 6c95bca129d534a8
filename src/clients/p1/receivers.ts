import type { Decoder } from '../../codecs/decoder.js';
import { encryptedDecoder } from '../../codecs/p1/encrypted.js';
import { plainDecoder, type P1Frame } from '../../codecs/p1/frame.js';
import { withoutParity } from '../../codecs/p1/parity.js';
import { ConfigError } from '../../model/errors.js';
import type { Logger } from '../../model/ports.js';
import type { LineSettings, LinkSettings } from '../../transports/open-link.js';
import { isOld, LINES, PRESETS, type NamedLine } from './line.js';
import type { P1Settings } from './settings.js';

/** A line on which the meter may send, with what understands it. */
export interface Receiver extends NamedLine {
  readonly decoder: Decoder<P1Frame>;
}

type Receivers = readonly [Receiver, ...Receiver[]];

/** Which meter is meant when nothing is said. */
const USUAL = 'dsmr5';

/**
 * Where telegrams may come from by the settings, in the order to be tried.
 * @throws ConfigError when the settings do not fit together
 */
export function receiversOf(settings: P1Settings, log: Logger): Receivers {
  const { link } = settings;
  const [first, ...others] = PRESETS[link.preset ?? USUAL].map((name): NamedLine => ({ name, line: LINES[name] }));
  const decoder = decoderOf(settings, log);
  const receiver = ({ name, line }: NamedLine): Receiver => ({ name, line, decoder: decoder(line) });
  if (!first) throw new RangeError('a preset has a line');
  if (link.type !== 'serial') return [receiver(first), ...others.filter(isReadable).map(receiver)];
  const set = [link.baud_rate, link.data_bits, link.parity, link.stop_bits];
  if (others.length > 0 && set.some((value) => value !== undefined))
    throw problem('link.preset', 'is "auto", which finds the line: remove it, or baud_rate, data_bits, parity and stop_bits');
  return [receiver({ ...first, line: lineOf(link, first.line) }), ...others.filter(isReadable).map(receiver)];

  /** Meters of DSMR 2 and 3 do not encrypt. */
  function isReadable({ line }: NamedLine): boolean {
    return !settings.encryption_key || !isOld(line);
  }
}

/** The link settings with which a line is opened. One of 7E1 is opened as 8N1: on the wire both are the same ten bits. */
export function openAs(link: P1Settings['link'], line: LineSettings): LinkSettings {
  if (link.type !== 'serial') return link;
  const { baudRate, dataBits, parity, stopBits } = isOld(line) ? { ...line, dataBits: 8, parity: 'none' as const } : line;
  return { ...link, baud_rate: baudRate, data_bits: dataBits, parity, stop_bits: stopBits };
}

function lineOf(link: Extract<P1Settings['link'], { readonly type: 'serial' }>, usual: LineSettings): LineSettings {
  return {
    baudRate: link.baud_rate ?? usual.baudRate,
    dataBits: link.data_bits === undefined ? usual.dataBits : link.data_bits === 7 ? 7 : 8,
    parity: link.parity ?? usual.parity,
    stopBits: link.stop_bits === undefined ? usual.stopBits : link.stop_bits === 2 ? 2 : 1,
  };
}

/** Makes the decoder for a line. */
function decoderOf(settings: P1Settings, log: Logger): (line: LineSettings) => Decoder<P1Frame> {
  const { encryption_key: encryptionKey, authentication_key: authenticationKey } = settings;
  const authentication = settings.authentication ?? (authenticationKey ? 'verify' : 'crc');
  if (authenticationKey && !encryptionKey) throw problem('encryption_key', 'is needed beside authentication_key');
  if (!encryptionKey) {
    if (authentication === 'verify')
      throw problem('encryption_key', 'is needed for authentication = "verify", and so is authentication_key');
    return (line) => (isOld(line) ? withoutParity(plainDecoder('optional')) : plainDecoder());
  }
  if (authentication === 'verify') {
    if (!authenticationKey) throw problem('authentication_key', 'is needed for authentication = "verify"; "crc" does without');
    return encrypted(encryptedDecoder({ encryptionKey, authenticationKey }));
  }
  log.warn('frames are not authenticated: only the check sum of their telegrams is checked (authentication = "crc")');
  return encrypted(encryptedDecoder({ encryptionKey }));
}

function encrypted(decoder: Decoder<P1Frame>): (line: LineSettings) => Decoder<P1Frame> {
  return (line) => {
    if (isOld(line)) throw problem('encryption_key', 'is set, but a meter that sends 7E1 (DSMR 2 and 3) does not encrypt');
    return decoder;
  };
}

function problem(key: string, message: string): ConfigError {
  return new ConfigError([{ source: '', key: `client.${key}`, message }]);
}
