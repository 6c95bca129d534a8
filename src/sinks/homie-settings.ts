import { defineSettings, type SettingsOf } from '../model/settings.js';
import { MQTT_SETTINGS } from '../transports/mqtt-settings.js';

/** The keys of a sink `homie`. Whoever builds on its topics reads them too. */
export const HOMIE_SETTINGS = defineSettings({
  root: { doc: 'First level of all topics: <root>/<device>/<node>/<property>', format: 'id', default: 'homie' },
  mqtt: { inherits: 'mqtt', section: MQTT_SETTINGS },
});

/** What they hold after validation. */
export type HomieSettings = SettingsOf<typeof HOMIE_SETTINGS>;

/**
 * A name for a device that is unique on its broker, also where two roots have a device of the same id: its id, after the root where that is not the
 * usual one.
 */
export function nameOnBroker(root: string, device: string): string {
  return root === HOMIE_SETTINGS.root.default ? device : `${root}-${device}`;
}
