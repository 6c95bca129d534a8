import { defineClient } from '../../pipeline/client.js';
import { linkSettings, openLink } from '../../transports/open-link.js';
import { createKamstrup } from './client.js';

/** Kamstrup heat meters over an infrared head: Multical 403 and its relatives. */
export default defineClient({
  settings: {
    poll_interval: {
      doc: 'How often the meter is asked. 1h is what the life of its battery is reckoned with',
      format: 'duration',
      default: '1h',
      min: 1_000,
      max: 24 * 3_600_000,
    },
    link: linkSettings({ baudRate: 1200, dataBits: 8, parity: 'none', stopBits: 2 }),
  },
  create: ({ poll_interval, link }, context) =>
    createKamstrup({ pollIntervalMs: poll_interval, context, openLink: (signal) => openLink(link, signal) }),
});
