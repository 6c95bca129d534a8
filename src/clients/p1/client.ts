import type { Decoder } from '../../codecs/decoder.js';
import { encryptedDecoder } from '../../codecs/p1/encrypted.js';
import { plainDecoder, type P1Frame } from '../../codecs/p1/frame.js';
import type { Finding } from '../../codecs/p1/scanner.js';
import { ConfigError } from '../../model/errors.js';
import type { Clock } from '../../model/ports.js';
import type { Client, ClientContext } from '../../pipeline/client.js';
import { within } from '../../pipeline/clock.js';
import type { Link } from '../../transports/link.js';
import type { LinkOptions, LinkSettings } from '../../transports/open-link.js';
import { Interpreter } from './interpreter.js';
import type { P1Settings } from './settings.js';
import { TelegramShare } from './share.js';
import { zoneHint } from './zone-hint.js';

/** Opens the link that the settings name. */
export type OpenLink = (settings: LinkSettings, signal: AbortSignal, options: LinkOptions) => Promise<Link>;

/** A line that says nothing for so long is between two frames: a whole one takes 45 ms at 115200 baud, without a pause. */
const QUIET_MS = 200;

/** Faults in a row that are noise on a wire. */
const TOLERATED_FAULTS = 2;

/**
 * A meter with a P1 port, which pushes telegrams by itself.
 * @throws ConfigError when the keys do not fit the way of authentication
 */
export function p1Client(settings: P1Settings, context: ClientContext, open: OpenLink): Client {
  const decoder = decoderOf(settings, context);
  const interpreter = new Interpreter(context, settings.time_zone);
  const share = shareOf(settings, context);
  return {
    periodMs: settings.period,
    toleratedFaults: TOLERATED_FAULTS,
    explain: (hoursAhead) => zoneHint(settings.time_zone, hoursAhead, new Date(context.clock.now()).getUTCFullYear()),
    async *readings(stop) {
      let link: Link | undefined;
      try {
        link = await open(settings.link, stop, context);
        // What an earlier link left incomplete stays so.
        decoder.idle();
        for await (const { finding, receivedAt } of listen(link, decoder, context.clock, stop)) {
          const item = interpreter.interpret(finding, receivedAt);
          if (finding.kind === 'frame' && item.kind === 'reading') share?.send(finding.frame.telegram);
          yield item;
        }
      } catch (error) {
        if (!stop.aborted) throw error;
      } finally {
        await link?.close();
      }
    },
    ...(share && { alongside: (stop) => share.serve(stop) }),
  };
}

function shareOf({ share_port: port, share_address: host }: P1Settings, { log }: ClientContext): TelegramShare | undefined {
  return port === undefined ? undefined : new TelegramShare({ host, port }, log);
}

interface Heard {
  readonly finding: Finding<P1Frame>;
  /** When the last byte arrived. */
  readonly receivedAt: number;
}

async function* listen(link: Link, decoder: Decoder<P1Frame>, clock: Clock, stop: AbortSignal): AsyncGenerator<Heard, never> {
  const read = (signal: AbortSignal): Promise<Uint8Array> => link.read(signal);
  for (;;) {
    // The first bytes after a pause may take any time; what follows them comes without one.
    let chunk: Uint8Array | undefined = await read(stop);
    let receivedAt = clock.now();
    while (chunk) {
      receivedAt = clock.now();
      for (const finding of decoder.push(chunk)) yield { finding, receivedAt };
      // In two waits: when this process was held up, the first runs out before what arrived meanwhile is seen.
      chunk = (await within(clock, QUIET_MS / 2, stop, read)) ?? (await within(clock, QUIET_MS / 2, stop, read));
    }
    for (const finding of decoder.idle()) yield { finding, receivedAt };
  }
}

function decoderOf(settings: P1Settings, { log }: ClientContext): Decoder<P1Frame> {
  const { encryption_key: encryptionKey, authentication_key: authenticationKey } = settings;
  const authentication = settings.authentication ?? (authenticationKey ? 'verify' : 'crc');
  if (authenticationKey && !encryptionKey) throw problem('encryption_key', 'is needed beside authentication_key');
  if (!encryptionKey) {
    if (authentication === 'verify')
      throw problem('encryption_key', 'is needed for authentication = "verify", and so is authentication_key');
    return plainDecoder();
  }
  if (authentication === 'verify') {
    if (!authenticationKey) throw problem('authentication_key', 'is needed for authentication = "verify"; "crc" does without');
    return encryptedDecoder({ encryptionKey, authenticationKey });
  }
  log.warn('frames are not authenticated: only the check sum of their telegrams is checked (authentication = "crc")');
  return encryptedDecoder({ encryptionKey });
}

function problem(key: string, message: string): ConfigError {
  return new ConfigError([{ source: '', key: `client.${key}`, message }]);
}
