import type { Client, ClientContext } from '../../pipeline/client.js';
import type { Link } from '../../transports/link.js';
import type { LinkOptions, LinkSettings } from '../../transports/open-link.js';
import { receiversOf, openAs } from './receivers.js';
import { Interpreter } from './interpreter.js';
import { LineSearch } from './line.js';
import { listen } from './listen.js';
import type { P1Settings } from './settings.js';
import { TelegramShare } from './share.js';
import { zoneHint } from './zone-hint.js';

/** Opens the link that the settings name. */
export type OpenLink = (settings: LinkSettings, signal: AbortSignal, options: LinkOptions) => Promise<Link>;

/** Faults in a row that are noise on a wire. */
const TOLERATED_FAULTS = 2;

/** How long each of several lines is listened to, in periods: long enough for a whole telegram, and for two lines before the meter is called silent. */
const PATIENCE_PERIODS = 1.5;

/**
 * A meter with a P1 port, which pushes telegrams by itself.
 * @throws ConfigError when the keys do not fit the way of authentication, or the line
 */
export function p1Client(settings: P1Settings, context: ClientContext, open: OpenLink): Client {
  const search = new LineSearch(receiversOf(settings, context.log), context);
  const interpreter = new Interpreter(context, settings);
  const share = shareOf(settings, context);
  return {
    periodMs: settings.period,
    toleratedFaults: TOLERATED_FAULTS,
    explain: (hoursAhead) => zoneHint(settings.time_zone, hoursAhead, new Date(context.clock.now()).getUTCFullYear()),
    async *readings(stop) {
      search.begin();
      while (!stop.aborted) {
        const { line, decoder } = search.current;
        let link: Link | undefined;
        try {
          link = await open(openAs(settings.link, line), stop, context);
          // What an earlier link left incomplete stays so.
          decoder.idle();
          const patienceMs = search.isOpen ? PATIENCE_PERIODS * settings.period : undefined;
          for await (const { finding, receivedAt } of listen({ link, decoder, clock: context.clock, patienceMs }, stop)) {
            const items = interpreter.interpret(finding, receivedAt);
            if (finding.kind === 'frame' && items[0]?.kind === 'reading') share?.send(finding.frame.telegram);
            yield* items;
            if (search.judge(finding)) break;
          }
        } catch (error) {
          if (!stop.aborted) throw error;
        } finally {
          await link?.close();
        }
        search.next();
      }
    },
    ...(share && { alongside: (stop) => share.serve(stop) }),
  };
}

function shareOf({ share_port: port, share_address: host }: P1Settings, { log }: ClientContext): TelegramShare | undefined {
  return port === undefined ? undefined : new TelegramShare({ host, port }, log);
}
