import { ConfigError, type Problem } from '../../model/errors.js';
import { defineSettings, type SettingsOf } from '../../model/settings.js';
import { UNITS, type Unit } from '../../model/unit.js';
import { MQTT_SETTINGS } from '../../transports/mqtt-settings.js';
import { byKeys, byNode, type Layout } from '../layout.js';
import { teleLayout } from '../tele.js';

/** In a topic it stands for the device's id. */
const DEVICE = '{device}';

/** The keys of a sink `mqtt-json`. */
export const SETTINGS = defineSettings({
  topic: { doc: `Where the messages go; ${DEVICE} is the device's id`, format: 'topic', default: `tele/${DEVICE}/SENSOR` },
  status_topic: {
    doc: 'Where Online and Offline go, retained; Offline is the last will',
    format: 'topic',
    default: `tele/${DEVICE}/LWT`,
  },
  retain: { doc: 'Whether the broker keeps the last message for who comes later', format: 'boolean', default: false },
  preset: { doc: 'A layout that other programs are used to', format: ['tele'], optional: true },
  array_always: {
    doc: 'With preset = "tele": an array also where there is one tariff or one phase',
    format: 'boolean',
    default: false,
  },
  time_zone: { doc: 'With preset = "tele": of its times; that of this machine when absent', format: 'time-zone', optional: true },
  keys: { each: { doc: 'The node/property that a key of the message stands for', format: 'text' } },
  units: { each: { doc: 'The unit that the value of a key is converted to', format: Object.keys(UNITS) } },
  decimals: { each: { doc: 'How many decimals are left of the value of a key', format: 'integer', min: 0, max: 9 } },
  mqtt: { inherits: 'mqtt', section: MQTT_SETTINGS },
});

/** What they hold after validation. */
export type JsonSettings = SettingsOf<typeof SETTINGS>;

/** A topic of the settings for a device. */
export function topicFor(template: string, deviceId: string): string {
  return template.replaceAll(DEVICE, deviceId);
}

/**
 * The layout that the settings describe.
 * @throws ConfigError keys that do not go together, or paths that are none
 */
export function layoutOf({
  preset,
  array_always: arrayAlways,
  time_zone: timeZone,
  keys,
  units,
  decimals,
}: JsonSettings): Layout {
  const problems: Problem[] = [];
  const complain = (key: string, message: string): void => {
    problems.push({ source: '', key, message });
  };
  if (preset && keys) complain('preset', 'makes the whole message: expected either it or a table keys');
  if (!preset && arrayAlways) complain('array_always', 'is of use with preset = "tele" only');
  if (!preset && timeZone !== undefined) complain('time_zone', 'is of use with preset = "tele" only');
  for (const [key, path] of Object.entries(keys ?? {}))
    if (!/^[a-z0-9-]+\/[a-z0-9-]+$/.test(path)) complain(`keys.${key}`, 'expected a path such as energy/imported-total');
  for (const [table, entries] of Object.entries({ units, decimals }))
    for (const key of Object.keys(entries ?? {}))
      if (!Object.hasOwn(keys ?? {}, key)) complain(`${table}.${key}`, 'there is no such key in the table keys');
  if (problems.length > 0) throw new ConfigError(problems);

  if (preset) return teleLayout({ timeZone: timeZone ?? hostTimeZone(), arrayAlways });
  if (!keys) return byNode;
  const selections = Object.entries(keys).map(([key, path]) => {
    const unit = units?.[key] as Unit | undefined;
    return [key, { path, unit, decimals: decimals?.[key] }] as const;
  });
  return byKeys(Object.fromEntries(selections));
}

function hostTimeZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}
