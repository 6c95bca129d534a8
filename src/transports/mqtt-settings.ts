import type { LinkError } from '../model/errors.js';
import type { Clock } from '../model/ports.js';
import { defineSettings, type SettingsOf } from '../model/settings.js';

/** The section `[mqtt]`: which broker, and who we are to it. Its keys hold for every component that speaks MQTT and does not set its own. */
export const MQTT_SETTINGS = defineSettings({
  url: {
    doc: 'The broker: mqtt://host:port, or mqtts://host:port for TLS. Without a port 1883, with TLS 8883',
    format: 'mqtt-url',
    default: 'mqtt://localhost:1883',
  },
  username: { doc: 'User name, where the broker asks for one', format: 'text', optional: true },
  password: { doc: 'Password, where the broker asks for one', format: 'text', optional: true, sensitive: true },
  ca: {
    doc: "With mqtts://, whose certificates the broker's must be signed by: the path of a PEM file, or its text. Without it, the public authorities",
    format: 'text',
    optional: true,
  },
  cert: {
    doc: 'With mqtts://, our own certificate, where the broker asks for one: the path of a PEM file, or its text',
    format: 'text',
    optional: true,
  },
  key: {
    doc: 'The private key of `cert`: the path of a PEM file that only the program can read, or its text',
    format: 'text',
    optional: true,
    sensitive: true,
  },
});

/** What `[mqtt]` holds after validation. */
export type MqttSettings = SettingsOf<typeof MQTT_SETTINGS>;

/** What is done with a message. `retained` says that the broker had stored it before we asked for it. */
export type MessageHandler = (topic: string, payload: Buffer, retained: boolean) => void;

/** What a connection is made with. */
export interface MqttOptions {
  readonly settings: MqttSettings;
  /** Must be no other program's: a broker drops the older of two connections with one id. */
  readonly clientId: string;
  /** What the broker publishes for us, retained, when it loses us without a good-bye. */
  readonly will?: { readonly topic: string; readonly payload: string };
  /** After one and a half times this without a sign of life the broker publishes the will, and we call the connection lost. */
  readonly keepaliveSeconds: number;
  readonly clock: Clock;
  /** Called once when an established connection is lost; not for a failed attempt, nor after `end`. */
  lost(error: LinkError): void;
}
