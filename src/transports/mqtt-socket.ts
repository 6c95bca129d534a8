import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext, type SecureContext } from 'node:tls';
import { LinkError } from '../model/errors.js';
import type { MqttSettings } from './mqtt-settings.js';
import { codeOf, readPem } from './pem.js';

/**
 * Reads what TLS needs and returns what opens the socket. Nagle's algorithm is off: it would hold back small packets for 40 ms.
 * @throws LinkError `ca`, `cert` or `key` cannot be read or used
 */
export async function prepareSocket(settings: MqttSettings, signal: AbortSignal): Promise<() => Socket> {
  const url = new URL(settings.url);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (url.protocol === 'mqtt:') {
    const port = Number(url.port || 1883);
    return () => connectTcp({ host, port }).setNoDelay(true);
  }
  const port = Number(url.port || 8883);
  const secureContext = await readSecureContext(settings, signal);
  const servername = isIP(host) ? {} : { servername: host };
  return () => connectTls({ host, port, ...servername, secureContext, rejectUnauthorized: true }).setNoDelay(true);
}

async function readSecureContext({ ca, cert, key }: MqttSettings, signal: AbortSignal): Promise<SecureContext> {
  const pems = {
    ...(ca !== undefined && { ca: await readPem('mqtt.ca', ca, signal) }),
    ...(cert !== undefined && { cert: await readPem('mqtt.cert', cert, signal) }),
    ...(key !== undefined && { key: await readPem('mqtt.key', key, signal, 'private') }),
  };
  try {
    return createSecureContext(pems);
  } catch (cause) {
    const used = Object.keys(pems).map((name) => `mqtt.${name}`);
    throw new LinkError(UNUSABLE[codeOf(cause)] ?? `${used.join(', ')}: TLS cannot use what is there; PEM is expected`, {
      cause,
    });
  }
}

const LOCKED = 'mqtt.key is locked with a passphrase, and nobody is there to enter it';

/** What OpenSSL has against keys and certificates that it can read. */
const UNUSABLE: Readonly<Record<string, string>> = {
  ERR_OSSL_X509_KEY_VALUES_MISMATCH: 'mqtt.key is not the private key of mqtt.cert',
  ERR_OSSL_BAD_DECRYPT: LOCKED,
  ERR_OSSL_CRYPTO_INTERRUPTED_OR_CANCELLED: LOCKED,
};
