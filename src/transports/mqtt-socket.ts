import { readFile } from 'node:fs/promises';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext, type SecureContext } from 'node:tls';
import { LinkError } from '../model/errors.js';
import type { MqttSettings } from './mqtt-settings.js';

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
    ...(key !== undefined && { key: await readPem('mqtt.key', key, signal) }),
  };
  try {
    return createSecureContext(pems);
  } catch (cause) {
    const used = Object.keys(pems).map((name) => `mqtt.${name}`);
    throw new LinkError(`${used.join(', ')}: TLS cannot use what is there; PEM is expected`, { cause });
  }
}

/** A setting that holds a PEM text, or the path of a file that does. */
async function readPem(name: string, value: string, signal: AbortSignal): Promise<string> {
  if (value.includes('-----BEGIN ')) return value;
  try {
    return await readFile(value, { encoding: 'utf8', signal });
  } catch (cause) {
    if (signal.aborted) throw cause;
    // The value of mqtt.key is not shown: who mistyped a PEM text would find it in the log.
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new LinkError(`cannot read the file that ${name} names: ${code}`);
  }
}
