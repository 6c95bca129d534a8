import { heatMeter } from '../../model/models/heat-meter.js';
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
    quiet_hours: {
      doc: 'Hours in which the meter is not asked, such as 22:00-06:00; what falls into them is asked at their end',
      format: 'daily-hours',
      optional: true,
    },
    time_zone: { doc: 'The time zone of quiet_hours; without it, that of this machine', format: 'time-zone', optional: true },
    link: linkSettings({ baudRate: 1200, dataBits: 8, parity: 'none', stopBits: 2 }),
  },
  catalogue: heatMeter,
  create: ({ poll_interval, quiet_hours, time_zone, link }, context) =>
    createKamstrup({
      pollIntervalMs: poll_interval,
      quietHours: quiet_hours && { ...quiet_hours, timeZone: time_zone },
      context,
      openLink: (signal) => openLink(link, signal, context),
    }),
});
