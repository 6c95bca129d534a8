import { ConfigError, type Problem } from '../model/errors.js';
import type { Logger } from '../model/ports.js';
import { isLoopback } from './loopback.js';
import type { MqttSettings } from './mqtt-settings.js';

/** Keys of which one is of no use without the other. */
const INCOMPLETE = [
  { set: 'password', needs: 'username' },
  { set: 'cert', needs: 'key' },
  { set: 'key', needs: 'cert' },
] as const;

/** What only a connection with TLS uses. */
const TLS_KEYS = ['ca', 'cert', 'key'] as const;

/**
 * Warns of settings of a broker that protect less than they seem to. For whoever makes a component that speaks MQTT, once, before it connects.
 * @throws ConfigError a key is set without the one that it needs
 */
export function judgeMqtt(settings: MqttSettings, log: Pick<Logger, 'warn'>): void {
  const problems = INCOMPLETE.flatMap(({ set, needs }): Problem[] => {
    if (settings[set] === undefined || settings[needs] !== undefined) return [];
    return [{ source: '', key: `mqtt.${needs}`, message: `is needed beside mqtt.${set}` }];
  });
  if (problems.length > 0) throw new ConfigError(problems);

  const { protocol, hostname } = new URL(settings.url);
  if (protocol !== 'mqtt:') return;
  const unused = TLS_KEYS.filter((key) => settings[key] !== undefined).map((key) => `mqtt.${key}`);
  if (unused.length > 0) log.warn(`${unused.join(', ')}: not used, since ${settings.url} is without TLS; mqtts:// is with it`);
  if (settings.username !== undefined && !isLoopback(hostname))
    log.warn(
      `user name and password go to ${settings.url} unencrypted: whoever is on the way can read them; mqtts:// would protect them`,
    );
}
