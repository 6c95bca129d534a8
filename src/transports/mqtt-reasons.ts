import type { MqttSettings } from './mqtt-settings.js';
import { networkReason } from './network-reasons.js';

/** Why CONNECT was refused, by return code: MQTT 3.1.1, section 3.2.2.3. */
const REFUSALS: Readonly<Record<number, string>> = {
  1: 'it does not speak MQTT 3.1.1',
  2: 'it does not accept our client id',
  3: 'it is not available now',
  4: 'it does not accept mqtt.username and mqtt.password',
  5: 'mqtt.username and mqtt.password do not give access',
};

/** MQTT 3.1.1, section 3.2.2.3: brokers answer "not authorized" to a client without credentials too. */
const NOT_AUTHORIZED = new Set([4, 5]);

/** What OpenSSL calls it, differently from version to version, when the broker refuses our certificate: the alerts of RFC 8446, section 6.2. */
const CERTIFICATE_REFUSED = /_ALERT_(UNKNOWN_CA|(BAD|UNSUPPORTED)_CERTIFICATE|CERTIFICATE_(REVOKED|EXPIRED|UNKNOWN))$/;

/** What Node calls it when the other side closed the connection while we were sending. */
const RESETS = new Set(['ECONNRESET', 'EPIPE']);

/** What the MQTT library says when a ping was not answered. */
const UNANSWERED_PING = 'Keepalive timeout';

/** What the settings of a broker are called. */
const NAMES = { url: 'mqtt.url', ca: 'mqtt.ca', server: 'the broker', plain: 'mqtt://' } as const;

/**
 * What an error of the socket or of the MQTT library means, in words that a user can act on.
 * @returns undefined when it says no more than that the other side closed the connection
 */
export function reasonFor(error: Error, settings: MqttSettings): string | undefined {
  const code: unknown = 'code' in error ? error.code : undefined;
  if (typeof code === 'string' && RESETS.has(code)) return undefined;
  if (typeof code === 'string' && CERTIFICATE_REFUSED.test(code)) return 'it does not accept our certificate, mqtt.cert';
  if (code === 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED') return 'it wants a certificate of ours, mqtt.cert and mqtt.key';
  if (typeof code === 'string') return networkReason(code, NAMES) ?? `${code} ${error.message}`.trim();
  if (error.message === UNANSWERED_PING) return 'it gives no sign of life';
  if (typeof code !== 'number') return error.message;
  if (NOT_AUTHORIZED.has(code) && settings.username === undefined) return 'it wants mqtt.username and mqtt.password';
  return REFUSALS[code] ?? error.message;
}
