import type { MqttSettings } from './mqtt-settings.js';

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

const NOT_TRUSTED = 'its certificate is not signed by an authority that is trusted here; mqtt.ca can name one';
const NOT_TLS = 'it does not speak TLS on this port; mqtt:// is for that';

/** What the codes of Node's network and TLS errors mean here. */
const NETWORK: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there; is the broker running, and is mqtt.url right?',
  ENOTFOUND: 'no host of this name is known; is mqtt.url right?',
  EMFILE: 'this program has no file descriptors left',
  ENFILE: 'this host has no file descriptors left',
  EAI_AGAIN: 'the host name cannot be looked up; is the network up?',
  ETIMEDOUT: 'the host does not answer',
  EHOSTUNREACH: 'the host cannot be reached; is the network up?',
  ENETUNREACH: 'the network cannot be reached; is it up?',
  DEPTH_ZERO_SELF_SIGNED_CERT: NOT_TRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: NOT_TRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: NOT_TRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: NOT_TRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: NOT_TRUSTED,
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: "its certificate is not valid yet; is this host's clock right?",
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host name than the one in mqtt.url',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'it wants a certificate of ours, mqtt.cert and mqtt.key',
  ERR_SSL_WRONG_VERSION_NUMBER: NOT_TLS,
  EPROTO: NOT_TLS,
};

/**
 * What an error of the socket or of the MQTT library means, in words that a user can act on.
 * @returns undefined when it says no more than that the other side closed the connection
 */
export function reasonFor(error: Error, settings: MqttSettings): string | undefined {
  const code: unknown = 'code' in error ? error.code : undefined;
  if (typeof code === 'string' && RESETS.has(code)) return undefined;
  if (typeof code === 'string' && CERTIFICATE_REFUSED.test(code)) return 'it does not accept our certificate, mqtt.cert';
  if (typeof code === 'string') return NETWORK[code] ?? `${code} ${error.message}`.trim();
  if (error.message === UNANSWERED_PING) return 'it gives no sign of life';
  if (typeof code !== 'number') return error.message;
  if (NOT_AUTHORIZED.has(code) && settings.username === undefined) return 'it wants mqtt.username and mqtt.password';
  return REFUSALS[code] ?? error.message;
}
