import { defineClient } from '../../pipeline/client.js';
import { openLink } from '../../transports/open-link.js';
import { p1Client } from './client.js';
import { p1Settings } from './settings.js';

/** Electricity meters with a P1 port: DSMR 4 and 5, and the encrypted telegrams of Austria and Luxembourg. */
export default defineClient({
  settings: p1Settings,
  create: (settings, context) => p1Client(settings, context, openLink),
});
