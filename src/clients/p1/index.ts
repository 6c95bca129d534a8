import { electricityMeter } from '../../model/models/electricity-meter.js';
import { defineClient } from '../../pipeline/client.js';
import { openLink } from '../../transports/open-link.js';
import { printAddress } from '../../transports/tcp.js';
import { p1Client } from './client.js';
import { p1Settings } from './settings.js';

/** Electricity meters with a P1 port: DSMR 2 to 5 and what is made after them, and the encrypted telegrams of Austria and Luxembourg. */
export default defineClient({
  settings: p1Settings,
  catalogue: electricityMeter,
  listensOn: ({ share_address: host, share_port: port }) => (port === undefined ? undefined : printAddress({ host, port })),
  create: (settings, context) => p1Client(settings, context, openLink),
});
